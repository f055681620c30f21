"""Counts the changes that the TelemetryTable's stream delivers, one batch at a time."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import PATIENT
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.dynamo.units import Spent
from lambdas.telemetry.counting import facts_of
from lambdas.telemetry.settings import CountSettings
from lambdas.telemetry.stream import changes_in

settings = CountSettings.from_environment()
logger = Logger(service="telemetry-count")
table = CounterTable(boto3.client("dynamodb", config=PATIENT), settings.telemetry_table)


def handler(event: dict[str, Any], _context: Any) -> None:
    """Raises where anything is left uncounted, so that Lambda delivers the same records again."""
    table.spent = Spent()
    facts = list(facts_of(changes_in(event["Records"])))
    counted = table.count(facts)
    logger.info(
        "counted",
        records=len(event["Records"]),
        changes=len(facts),
        counted=counted,
        rru=table.spent.reads,
        wru=table.spent.writes,
    )
