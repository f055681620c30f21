"""CloudFront's log: whether it is delivered, and whether its files are counted."""

from config.alarms import CLOUDFRONT_REGION
from config.capabilities import insights
from lambdas.insights.aggregates import Aggregate
from lambdas.insights.table import InsightsTable
from lambdas.shared.values.clock import day_after, day_of
from operations.cli.output import counted
from operations.findings import Broken
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import capability


@check(
    "log delivery",
    claim="CloudFront writes a standard log, version 2, with the fields that Insights asks for.",
    laptop="The emulator keeps deliveries and writes nothing; the local edge writes the files.",
    good="One delivery, with all fields.",
    needs=(capability("insights"),),
)
def log_delivery(account: Account) -> str:
    logs = account.target.client("logs", region=CLOUDFRONT_REGION)
    destination = f":delivery-destination:{insights.LOG.name}"
    pages = logs.get_paginator("describe_deliveries").paginate()
    found = [
        each
        for page in pages
        for each in page["deliveries"]
        if each["deliveryDestinationArn"].endswith(destination)
    ]
    if not found:
        raise Broken(f"no delivery to {insights.LOG.name}", "htmlgame patch apply")
    missing = set(insights.LOG.fields) - set(found[0].get("recordFields", ()))
    if missing:
        raise Broken(f"the log lacks {', '.join(sorted(missing))}", "htmlgame patch apply")
    return counted(len(insights.LOG.fields), "field")


@check(
    "log files",
    claim="The files of the log arrive within an hour and are in the format that Insights reads.",
    laptop="The local edge writes what AWS documents.",
    good="Requests of today or yesterday are counted, and no file is set aside.",
    needs=(capability("insights"),),
)
def log_files(account: Account) -> str:
    session = account.session
    name = session.parameter(insights.TABLE.parameter, insights.CAPABILITY.stack)
    bucket = session.parameter(insights.BUCKET, insights.CAPABILITY.stack)
    aside = account.client("s3").list_objects_v2(Bucket=bucket, Prefix=insights.UNREADABLE)
    if aside["KeyCount"]:
        raise Broken(
            f"{counted(aside['KeyCount'], 'file')} below {insights.UNREADABLE} in {bucket}",
            f"the log of {insights.FOLD.name} says why",
        )
    table = InsightsTable(account.client("dynamodb"), name)
    today = day_of(session.now_ms)
    total = Aggregate()
    for day in (day_after(today, -1), today):
        for _, _, each in table.hours(day):
            total.merge(each)
    if not total.times:
        raise Broken(
            "no request of today or yesterday is counted",
            "open the site, wait for an hour, and ask again",
        )
    return f"{counted(total.times, 'request')} since yesterday"
