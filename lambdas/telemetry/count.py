"""Counts what the TelemetryTable's stream tells, a window at a time."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import PATIENT
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.dynamo.units import Spent
from lambdas.telemetry.counting import changes_in
from lambdas.telemetry.settings import CountSettings

settings = CountSettings.from_environment()
logger = Logger(service="telemetry-count")
table = CounterTable(boto3.client("dynamodb", config=PATIENT), settings.telemetry_table)


def handler(event: dict[str, Any], _context: Any) -> None:
    """Raises where anything is left uncounted: then Lambda hands on the same records again."""
    table.spent = Spent()
    changes = list(changes_in(event["Records"]))
    counted = table.count(changes)
    logger.info(
        "counted",
        records=len(event["Records"]),
        changes=len(changes),
        counted=counted,
        rru=table.spent.reads,
        wru=table.spent.writes,
    )
