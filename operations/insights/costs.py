"""What Insights costs: S3, the function that counts, and the aggregates that it writes."""

from collections.abc import Iterator
from typing import Final

from config import units
from config.capabilities import insights
from config.capabilities.insights import Insights
from config.environments import LAMBDA_MEMORY_MB, Environment
from config.units import GB, Usage
from operations.costs.bill import stored
from operations.costs.month import DAYS, Month
from operations.costs.part import Part

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


def parts(month: Month, environment: Environment) -> Iterator[Part]:
    settings = environment.given(Insights)
    if settings is not None:
        yield Part("insights", counted(month.plays * _REQUESTS_A_PLAY, month.days, settings.days))


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


def requests() -> dict[str, Usage]:
    return {"insights: a question of an API user": insights.READ}
