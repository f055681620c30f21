"""What the archive costs: Firehose, its objects, and the functions around it."""

from collections.abc import Iterator
from typing import Final

from config import units
from config.capabilities.archive import LEAST_FIREHOSE_BYTES, Archive
from config.environments import LAMBDA_MEMORY_MB, Environment
from config.units import Usage
from operations.costs.month import DAYS, Month
from operations.costs.part import Part

_ROW_BYTES: Final = 40
"""Compressed; Firehose bills each row at its minimum."""
_STREAM_SHARDS: Final = 4


def parts(month: Month, environment: Environment) -> Iterator[Part]:
    yield Part("its archive", _archived(month, environment))


def _archived(month: Month, environment: Environment) -> Usage:
    """For games that are always played: each window writes an object for each game."""
    archive = environment.given(Archive)
    if not month["events"] or archive is None:
        return units.NOTHING
    rows = month.plays * month["events"] + 2 * month.plays / month["plays_a_session"]
    seconds = month.days * 24 * 3600
    objects = min(rows, seconds / archive.window_seconds * month.games)
    batches = min(rows, seconds / archive.batch_seconds * _STREAM_SHARDS)
    kept = rows * _ROW_BYTES * archive.days / DAYS
    return Usage(
        {
            "firehose.ingest": rows * LEAST_FIREHOSE_BYTES / units.GB,
            "firehose.sorting": rows * _ROW_BYTES / units.GB,
            "firehose.objects": objects,
            "s3.puts": objects,
            "s3.storage": kept / units.GB,
            "lambda.requests": batches,
            "lambda.gb_seconds": batches * LAMBDA_MEMORY_MB / 1024 * month.billed_ms / 1000,
            "logs.ingest": batches * units.LOG_BYTES / units.GB,
        }
    )
