"""What the archive costs: Firehose, its objects, and the functions around it."""

from collections.abc import Iterator
from typing import Final

from config import units
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
    telemetry = environment.telemetry
    if not month.events or telemetry is None or not telemetry.archive:
        return units.NOTHING
    rows = month.plays * month.events + 2 * month.plays / month.plays_a_session
    seconds = month.days * 24 * 3600
    objects = min(rows, seconds / telemetry.archive_window_seconds * month.games)
    batches = min(rows, seconds / telemetry.archive_batch_seconds * _STREAM_SHARDS)
    kept = rows * _ROW_BYTES * telemetry.archive_days / DAYS
    return Usage(
        {
            "firehose.ingest": rows * units.LEAST_FIREHOSE_BYTES / units.GB,
            "firehose.sorting": rows * _ROW_BYTES / units.GB,
            "firehose.objects": objects,
            "s3.puts": objects,
            "s3.storage": kept / units.GB,
            "lambda.requests": batches,
            "lambda.gb_seconds": batches * LAMBDA_MEMORY_MB / 1024 * month.billed_ms / 1000,
            "logs.ingest": batches * units.LOG_BYTES / units.GB,
        }
    )


def scheduled_runs(environment: Environment) -> int:
    """Every hour for records set aside, every day for deleted projects."""
    telemetry = environment.telemetry
    return DAYS * 24 + DAYS if telemetry is not None and telemetry.archive else 0
