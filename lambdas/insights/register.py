"""Custom resource: enters the deployed functions, watches their logs, and has new files counted.

An event without a RequestType comes after each deploy of any stack, and watches new logs.
"""

import json
import time
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.insights.registry import OWN, Registered
from lambdas.insights.settings import RegisterSettings
from lambdas.insights.table import InsightsTable
from lambdas.insights.watching import Watch
from lambdas.shared.aws import PATIENT
from lambdas.shared.values.clock import iso

_SCHEMA: str = "hours, days, error groups, functions, routes and salts"

settings = RegisterSettings.from_environment()
logger = Logger(service="insights-register")
table = InsightsTable(boto3.client("dynamodb", config=PATIENT), settings.insights_table)
watch = Watch(
    boto3.client("logs", config=PATIENT),
    groups=settings.log_groups,
    own_groups=settings.own_log_groups,
)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    if event.get("RequestType") == "Delete":
        watch.stop()
        _notify([])
        return {"PhysicalResourceId": event["PhysicalResourceId"]}
    if "RequestType" in event:
        _enter(event["ResourceProperties"])
        _notify(settings.raw_prefixes.split(","))
    started = watch.start(settings.gather_arn)
    logger.info("watching", new=started)
    return {"PhysicalResourceId": "htmlgame-insights", "watched": started}


def _notify(prefixes: list[str]) -> None:
    """The bucket invokes the function that counts, with each new file in these folders."""
    boto3.client("s3", config=PATIENT).put_bucket_notification_configuration(
        Bucket=settings.insights_bucket,
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [
                {
                    "LambdaFunctionArn": settings.fold_arn,
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": f"{each}/"}]}},
                }
                for each in prefixes
            ]
        },
    )


def _enter(properties: dict[str, str]) -> None:
    now = iso(time.time_ns() // 1_000_000)
    table.note_schema(_SCHEMA, now, "deploy")
    table.put_catalogue(properties["Catalogue"])
    before = {each.language_title: each for each in table.functions(OWN)}
    for each in json.loads(properties["Functions"]):
        function = Registered(
            language=each["language"],
            title=each["title"],
            description=each["description"],
            version=each["version"],
            tags=tuple(each["tags"]),
            schema=each.get("schema"),
            examples=each.get("examples", []),
            updated_at=now,
            created_at=now,
        )
        known = before.pop(function.language_title, None)
        table.put_function(OWN, function.since(known))
    for gone in before.values():
        table.delete_function(OWN, gone.language_title)
    logger.info("entered", gone=len(before))
