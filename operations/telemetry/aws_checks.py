"""The functions that read the streams of tables."""

from operations.cli.output import counted
from operations.findings import Broken
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import capability


@check(
    "stream readers",
    claim="The functions that read a table's stream are connected, and their last batch went well.",
    laptop="The emulator polls its streams by rules of its own.",
    good="Enabled, with the last result OK or no records yet.",
    needs=(capability("telemetry"),),
)
def stream_readers(account: Account) -> str:
    wanted = {each.physical_id for each in account.resources("AWS::Lambda::EventSourceMapping")}
    pages = account.client("lambda").get_paginator("list_event_source_mappings").paginate()
    there = {each["UUID"]: each for page in pages for each in page["EventSourceMappings"]}
    if lost := wanted - there.keys():
        raise Broken(f"{counted(len(lost), 'mapping')} missing: {', '.join(lost)}", "make deploy")
    found = [there[each] for each in sorted(wanted)]
    problems = [
        f"{each['FunctionArn'].rpartition(':')[2]}: {each['State']}, "
        f"{each.get('LastProcessingResult', 'no result')}"
        for each in found
        if each["State"] != "Enabled" or "PROBLEM" in each.get("LastProcessingResult", "")
    ]
    if problems:
        raise Broken(
            "; ".join(problems),
            "aws lambda update-event-source-mapping --enabled --uuid …; its log says what failed",
        )
    readers = ", ".join(each["FunctionArn"].rpartition(":")[2] for each in found)
    return f"{readers}: enabled"
