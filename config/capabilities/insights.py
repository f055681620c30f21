"""Insights: every request to the site, counted by function, and kept as rows for Athena."""

from typing import Annotated, Final

from pydantic import Field

from config import names
from config.alarms import HOUR, Alarm, Filter
from config.manifest import (
    AccessLog,
    Capability,
    Function,
    Rule,
    Table,
    after_deploys,
    own_endpoint,
    own_pattern,
)
from config.model import CapabilitySettings, model
from config.settings import Throttle
from config.units import THROUGH_THE_SITE, Usage
from lambdas.insights.lines import FIELDS


@model
class Insights(Throttle, CapabilitySettings):
    days: Annotated[int, Field(ge=8)] = 90
    """How long the rows are kept. The views read those of the last seven days."""


ENDPOINT: Final = own_endpoint("insights")
BUCKET: Final = names.parameter("insights", "bucket")
TABLE: Final = Table(id="InsightsTable", parameter=names.parameter("insights", "table"))
KEYS: Final = Table(
    id="KeyTable",
    parameter=names.parameter("insights", "key-table"),
    holds=("api users",),
)
MINUTES: Final = Table(
    id="MinuteTable",
    parameter=names.parameter("insights", "minute-table"),
    holds=("api requests",),
    precious=False,
    sorted_by=None,
)

RAW: Final = "logs"
"""The folder of the files that CloudFront writes. A file is deleted when it is counted."""
RAW_DAYS: Final = 3
ROWS: Final = "requests"
UNREADABLE: Final = "_unreadable"
RESULTS: Final = "_results"

FOLD: Final = Function(
    id="Fold",
    name=f"{names.PROJECT}-insights-fold",
    module="lambdas.insights.fold",
    timeout_seconds=300,
    rules=(
        Rule(
            id="FoldTheRest",
            schedule="rate(1 hour)",
            description="Counts the files whose notification was lost or failed",
        ),
    ),
)
AGGREGATE: Final = Function(
    id="Aggregate",
    name=f"{names.PROJECT}-insights-aggregate",
    module="lambdas.insights.aggregate",
    timeout_seconds=14 * 60,
    rules=(Rule(id="AggregateDays", schedule="cron(30 1 * * ? *)"),),
)
REGISTER: Final = Function(
    id="Register",
    name=f"{names.PROJECT}-insights-register",
    module="lambdas.insights.register",
    timeout_seconds=120,
    rules=(after_deploys("WatchLogs", "A deploy may have made log groups"),),
)
GATHER: Final = Function(
    id="Gather", name=f"{names.PROJECT}-insights-gather", module="lambdas.insights.gather"
)
API: Final = Function(
    id="Insights",
    name=f"{names.PROJECT}-insights-api",
    module="lambdas.insights.api",
)

LOG: Final = AccessLog(name=f"{names.PROJECT}-insights", bucket=BUCKET, prefix=RAW, fields=FIELDS)
DATABASE: Final = f"{names.PROJECT}_insights"
REQUESTS: Final = "requests"
WORKGROUP: Final = f"{names.PROJECT}-insights"
READONLY_POLICY: Final = f"{names.PROJECT}-insights-readonly"
ADMIN_POLICY: Final = f"{names.PROJECT}-insights-admin"

READ: Final = THROUGH_THE_SITE + Usage({"dynamodb.writes": 1, "dynamodb.reads": 1})
"""A request with a known key: its count, and one page of aggregates at least."""

CAPABILITY: Final = Capability(
    name="insights",
    summary="Every request to the site, counted by function.",
    settings=Insights,
    local=Insights(),
    complete=Insights(),
    functions=(FOLD, AGGREGATE, REGISTER, GATHER, API),
    tables=(TABLE, KEYS, MINUTES),
    endpoints=(ENDPOINT,),
    patterns=(own_pattern("insights"),),
    access_log=LOG,
    parameters=(BUCKET,),
    alarms=(
        Alarm(
            name="insights-unreadable",
            means="CloudFront's log has files or lines that Insights cannot read.",
            first="read the log of htmlgame-insights-fold; it names each problem.",
            metric="InsightsUnreadable",
            filters=(
                Filter(
                    metric="InsightsUnreadable",
                    groups=(names.function_log_group(FOLD.name),),
                    pattern='"not counted"',
                ),
            ),
            period=HOUR,
            threshold=1,
        ),
        Alarm(
            name="insights-not-aggregated",
            means="The aggregation of days has not finished for 26 hours.",
            first="read the log of htmlgame-insights-aggregate, then invoke it again.",
            metric="InsightsAggregated",
            filters=(
                Filter(
                    metric="InsightsAggregated",
                    groups=(names.function_log_group(AGGREGATE.name),),
                    pattern='"aggregated"',
                ),
            ),
            period=HOUR,
            threshold=1,
            fires="below",
            periods=26,
            of=26,
            missing="bad",
            fill=True,
            quiet_minutes=27 * 60,
        ),
    ),
    units={"question of an API user": READ},
    page="insights.html",
)
