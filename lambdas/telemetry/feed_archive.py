"""Hands what the TelemetryTable's stream tells to the archive's Firehose, a row a record."""

import time
from collections.abc import Sequence
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import PATIENT
from lambdas.shared.records.archive_rows import line_of
from lambdas.telemetry.archiving import rows_of
from lambdas.telemetry.settings import ArchiveSettings

_MOST_RECORDS: Final = 500
"""Firehose takes so many at once, and 4 MiB; a row has 5 KB at most."""
_PAUSES: Final = (0.1, 0.5, 2)
"""Seconds before what it did not take is sent again."""

settings = ArchiveSettings.from_environment()
logger = Logger(service="telemetry-archive")
firehose = boto3.client("firehose", config=PATIENT)


class NotTaken(Exception):
    """Lambda hands on the same records again, and the archive's views tell each once."""


def handler(event: dict[str, Any], _context: Any) -> None:
    records = [{"Data": line_of(row)} for row in rows_of(event["Records"])]
    for start in range(0, len(records), _MOST_RECORDS):
        _deliver(records[start : start + _MOST_RECORDS])
    logger.info("archived", rows=len(records))


def _deliver(records: Sequence[dict[str, bytes]]) -> None:
    left, why = _not_taken(records)
    for pause in _PAUSES:
        if not left:
            return
        time.sleep(pause)
        left, why = _not_taken(left)
    if left:
        raise NotTaken(f"{len(left)} of {len(records)}: {why}")


def _not_taken(records: Sequence[dict[str, bytes]]) -> tuple[list[dict[str, bytes]], str]:
    """Firehose takes some of a batch and refuses others."""
    answer = firehose.put_record_batch(DeliveryStreamName=settings.archive_stream, Records=records)
    answers = answer["RequestResponses"]
    left = [one for one, of_it in zip(records, answers, strict=True) if "ErrorCode" in of_it]
    return left, next((each["ErrorCode"] for each in answers if "ErrorCode" in each), "")
