"""Counts a day again, from the rows in S3, and compares it with the aggregates."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from config.capabilities import insights
from lambdas.insights.summaries import by_function
from operations.cli.session import Session
from operations.errors import OperatorError
from operations.insights.store import Store

DAYS: Final = 7
"""The views read the rows of so many days."""
_SQL: Final = (
    "SELECT day, fn, total_requests, successful_requests, error_requests, cached_requests "
    "FROM daily_usage_stats"
)
_EVERY_SECONDS: Final = 0.5
_MOST_SECONDS: Final = 300


class QueryFailed(OperatorError):
    code = "query_failed"


class Differs(OperatorError):
    code = "differs"

    def __init__(self, day: str, functions: list[str]) -> None:
        super().__init__(
            f"{day}: rows and aggregates differ for {', '.join(functions)}; a file may be between "
            "its rows and its counts, so ask again in a minute; else read the log of "
            f"{insights.FOLD.name}"
        )


@dataclass(frozen=True, slots=True)
class Counted:
    requests: int = 0
    succeeded: int = 0
    failed: int = 0
    cached: int = 0


def from_aggregates(store: Store, day: str) -> dict[str, Counted]:
    totals = by_function(store.table.hours(day))
    return {
        fn: Counted(each.times, each.succeeded, each.failed, each.hits)
        for fn, each in totals.items()
    }


def from_rows(session: Session, day: str) -> dict[str, Counted]:
    return {fn: Counted(*map(int, counts)) for of, fn, *counts in _rows(session, _SQL) if of == day}


def _rows(session: Session, sql: str) -> Iterator[list[str]]:
    athena = session.target.shared("athena")
    query = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": insights.DATABASE},
        WorkGroup=insights.WORKGROUP,
    )["QueryExecutionId"]
    _wait(athena, query)
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=query)
    rows = [row for page in pages for row in page["ResultSet"]["Rows"]]
    # The first row has the names of the columns.
    for row in rows[1:]:
        yield [each.get("VarCharValue", "0") for each in row["Data"]]


def _wait(athena: Any, query: str) -> None:
    until = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < until:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return
        if status["State"] in ("FAILED", "CANCELLED"):
            raise QueryFailed(f"Athena: {status.get('StateChangeReason', status['State'])}")
        time.sleep(_EVERY_SECONDS)
    raise QueryFailed(f"Athena has not answered within {_MOST_SECONDS} s; ask again")
