"""Nightly: makes each day's aggregates of its hours.

It does the last three days again, because CloudFront may deliver a file a day late.
"""

import time
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.insights.aggregates import Aggregate
from lambdas.insights.settings import AggregateSettings
from lambdas.insights.table import InsightsTable
from lambdas.shared.aws import PATIENT
from lambdas.shared.values.clock import day_after, day_of

_DAYS: Final = 3

settings = AggregateSettings.from_environment()
logger = Logger(service="insights-aggregate")
table = InsightsTable(boto3.client("dynamodb", config=PATIENT), settings.insights_table)


def handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    """An event may name the days: {"days": ["2026-11-21"]}."""
    now_ms = time.time_ns() // 1_000_000
    today = day_of(now_ms)
    usual = [day_after(today, -ago) for ago in range(1, _DAYS + 1)]
    written = sum(aggregate(table, day, now_ms // 1000) for day in event.get("days", usual))
    logger.info("aggregated", written=written)
    return {"written": written}


def aggregate(table: InsightsTable, day: str, now_s: int) -> int:
    totals: dict[str, Aggregate] = {}
    for fn, _, hour in table.hours(day):
        totals.setdefault(fn, Aggregate()).merge(hour)
    for fn, total in totals.items():
        table.put_day(day, fn, total, now_s)
    return len(totals)
