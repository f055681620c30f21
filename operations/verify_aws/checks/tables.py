"""The tables, their recovery and expiry, the functions that read their streams, and the keys."""

from collections.abc import Iterator, Mapping
from typing import Any

from operations.cli.output import counted
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.check import Wrong, check
from operations.verify_aws.needs import TELEMETRY, on_aws


@check(
    "tables",
    claim="Every table is billed on demand, and protected as its template says.",
    laptop="The emulator bills nothing and lets anybody delete a table.",
    good="On demand, with deletion protection on every table that keeps data.",
)
def tables(account: Account) -> str:
    found = list(_described(account))
    problems = [problem for table, live in found for problem in _unfit(table, live)]
    if problems:
        raise Wrong("; ".join(problems), _UNDO)
    protected = sum(live.get("DeletionProtectionEnabled", False) for _, live in found)
    return f"{counted(len(found), 'table')} on demand, {protected} protected from deletion"


_UNDO = "undo it with aws dynamodb update-table; a deploy changes what the template changes"


def _tables(account: Account) -> list[Resource]:
    return account.resources("AWS::DynamoDB::Table")


def _described(account: Account) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    client = account.client("dynamodb")
    for table in _tables(account):
        yield table, client.describe_table(TableName=table.physical_id)["Table"]


def _unfit(table: Resource, live: Mapping[str, Any]) -> Iterator[str]:
    name = table.physical_id
    if live["TableStatus"] not in {"ACTIVE", "UPDATING"}:
        yield f"{name} is {live['TableStatus']}"
    if live.get("BillingModeSummary", {}).get("BillingMode") != "PAY_PER_REQUEST":
        yield f"{name} is billed by provisioned capacity"
    if table.properties.get("DeletionProtectionEnabled", False) and not live.get(
        "DeletionProtectionEnabled"
    ):
        yield f"{name} may be deleted"
    if "StreamSpecification" in table.properties and "StreamSpecification" not in live:
        yield f"{name} has lost its stream"


@check(
    "recovery and expiry",
    claim="Tables that keep data can be restored to any second, and expired items are deleted.",
    laptop="The emulator's CloudFormation leaves out a table's TTL and point-in-time recovery.",
    good="Both are enabled on every table whose template asks for them.",
    needs=(on_aws("deploys no TTL and no point-in-time recovery"),),
)
def recovery_and_expiry(account: Account) -> str:
    problems = [problem for table in _tables(account) for problem in _forgetful(account, table)]
    if problems:
        raise Wrong(
            "; ".join(problems),
            "undo it with aws dynamodb update-continuous-backups or update-time-to-live",
        )
    return f"{counted(len(_tables(account)), 'table')} as their templates say"


def _forgetful(account: Account, table: Resource) -> Iterator[str]:
    client, name = account.client("dynamodb"), table.physical_id
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    if _wants_recovery(table) and recovery != "ENABLED":
        yield f"{name} has no point-in-time recovery"
    wanted = table.properties.get("TimeToLiveSpecification", {}).get("AttributeName")
    live = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    enabled = live["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}
    if wanted is not None and (not enabled or live.get("AttributeName") != wanted):
        yield f"{name} does not expire items by {wanted!r}"


def _wants_recovery(table: Resource) -> bool:
    wanted = table.properties.get("PointInTimeRecoverySpecification", {})
    return bool(wanted.get("PointInTimeRecoveryEnabled"))


@check(
    "stream readers",
    claim="The functions that read a table's stream are connected, and their last batch went well.",
    laptop="The emulator polls its streams by rules of its own.",
    good="Enabled, with the last result OK or no records yet.",
    needs=(TELEMETRY,),
)
def stream_readers(account: Account) -> str:
    wanted = {each.physical_id for each in account.resources("AWS::Lambda::EventSourceMapping")}
    pages = account.client("lambda").get_paginator("list_event_source_mappings").paginate()
    there = {each["UUID"]: each for page in pages for each in page["EventSourceMappings"]}
    if lost := wanted - there.keys():
        raise Wrong(f"{counted(len(lost), 'mapping')} missing: {', '.join(lost)}", "make deploy")
    found = [there[each] for each in sorted(wanted)]
    problems = [
        f"{each['FunctionArn'].rpartition(':')[2]}: {each['State']}, "
        f"{each.get('LastProcessingResult', 'no result')}"
        for each in found
        if each["State"] != "Enabled" or "PROBLEM" in each.get("LastProcessingResult", "")
    ]
    if problems:
        raise Wrong(
            "; ".join(problems),
            "aws lambda update-event-source-mapping --enabled --uuid …; its log says what failed",
        )
    readers = ", ".join(each["FunctionArn"].rpartition(":")[2] for each in found)
    return f"{readers}: enabled"


@check(
    "key rotation",
    claim="The KMS key that seals creators' secrets is enabled and rotates every year.",
    laptop="The emulator rotates nothing.",
    good="Enabled, with rotation on.",
    needs=(TELEMETRY,),
)
def key_rotation(account: Account) -> str:
    keys = [each.physical_id for each in account.resources("AWS::KMS::Key")]
    client = account.client("kms")
    for key in keys:
        state = client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        if state != "Enabled":
            raise Wrong(
                f"{key} is {state}", f"aws kms cancel-key-deletion or enable-key --key-id {key}"
            )
        if not client.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]:
            raise Wrong(f"{key} does not rotate", f"aws kms enable-key-rotation --key-id {key}")
    return f"{counted(len(keys), 'key')} enabled, with rotation on"
