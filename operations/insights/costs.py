"""What Insights costs: S3, the function that counts, and the aggregates that it writes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from config import units
from config.capabilities import insights
from config.capabilities.insights import Insights
from config.environments import DELIVERED, LAMBDA_MEMORY_MB, Environment
from config.units import GB, Usage
from operations.costs.bill import at_list_price, stored
from operations.costs.month import DAYS, Month, Quantity
from operations.costs.part import Part
from operations.costs.tables import table

ROW_BYTES: Final = 68
"""A row of the files that Athena reads, compressed."""
_FILES_AN_HOUR: Final = 120
"""CloudFront's, of a busy site. A quiet one has fewer."""
_FUNCTIONS: Final = 8
"""Those that answer in an hour."""
_FOLD_SECONDS: Final = 41e-6
"""For each line."""
_HOUR_ITEM_BYTES: Final = 1500
_DAY_ITEM_BYTES: Final = 1500
_REQUESTS_A_PLAY: Final = 4
"""A start, an end, a submission and a ranking."""


QUANTITIES: Final = (
    Quantity(
        name="logged",
        default=0,
        help="requests that Insights counts, of every kind; 0 for four a play",
    ),
    Quantity(
        name="failing",
        default=0.0001,
        help="share of them that fail with a stack",
        limit=("a share, from 0 to 1", lambda value: 0 <= value <= 1),
        example=0.0001,
    ),
)


def environment_for(month: Month, environment: Environment) -> Environment:
    """An estimate with counted requests assumes that Insights is deployed."""
    if month["logged"] and environment.given(Insights) is None:
        return replace(environment, capabilities=(*environment.capabilities, Insights()))
    return environment


def assumed(month: Month) -> Iterator[str]:
    if month["logged"]:
        yield f"{month['logged']:,.0f} requests counted"


def parts(month: Month, environment: Environment) -> Iterator[Part]:
    settings = environment.given(Insights)
    if settings is None:
        return
    logged = month["logged"] or month.plays * _REQUESTS_A_PLAY
    yield Part("insights", counted(logged, month.days, settings.days))
    yield Part("insights, failures", FAILURE * (logged * month["failing"]))


def counted(requests: float, days: float, kept_days: int) -> Usage:
    """A later month, in which as many rows expire as new ones arrive."""
    hours = days * 24
    files = min(requests, hours * _FILES_AN_HOUR)
    writes = min(requests, files * _FUNCTIONS)
    seconds = requests * _FOLD_SECONDS + files * 0.2
    return Usage(
        {
            # CloudFront's file, and ours with its rows.
            "s3.puts": 2 * files,
            "s3.storage": requests * ROW_BYTES * kept_days / DAYS / GB,
            "lambda.requests": files,
            "lambda.gb_seconds": seconds * LAMBDA_MEMORY_MB / 1024,
            "logs.ingest": files * units.LOG_BYTES / GB,
            "dynamodb.reads": writes,
            "dynamodb.writes": writes * 2,
        }
    ) + stored(
        min(requests, hours * _FUNCTIONS) * _HOUR_ITEM_BYTES * 14 / DAYS
        + _FUNCTIONS * 400 * _DAY_ITEM_BYTES
    )


FAILURE: Final = Usage(
    {
        "lambda.requests": 1,
        "lambda.gb_seconds": 0.05 * LAMBDA_MEMORY_MB / 1024,
        "logs.ingest": units.LOG_BYTES / GB,
        "dynamodb.reads": 2,
        "dynamodb.writes": 7,
    }
)
"""One that comes alone: the function that groups it, and its group with the newest sample."""


def sections() -> dict[str, str]:
    rows = []
    for logged in (1e6, 1e8, 1e9):
        month = Month(plays=0, more={"logged": logged})
        usage = units.total(each.usage for each in parts(month, _ON))
        cost = at_list_price(usage, month, _ON)
        rows.append([f"{logged:,.0f}", f"${cost:,.2f}", f"${cost / logged * 1e6:,.3f}"])
    heads = ["requests a month", "dollars", "for a million"]
    return {"insights": table(heads, rows)}


_ON: Final = replace(DELIVERED, capabilities=(Insights(),))


def requests() -> dict[str, Usage]:
    return {"insights: a question of an API user": insights.READ}
