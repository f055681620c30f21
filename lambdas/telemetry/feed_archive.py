"""Sends the changes of the TelemetryTable's stream to the archive's Firehose, one row each."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import PATIENT
from lambdas.shared.records.archive_rows import line_of
from lambdas.telemetry.archiving import rows_of
from lambdas.telemetry.settings import ArchiveSettings
from lambdas.telemetry.stream import changes_in

if TYPE_CHECKING:
    from types_boto3_firehose import FirehoseClient
    from types_boto3_firehose.type_defs import RecordTypeDef

_MOST_RECORDS: Final = 500
"""Firehose takes 500 records and 4 MiB per call; a row has at most 5 KB."""
_PAUSES: Final = (0.1, 0.5, 2)
"""Seconds before each retry of the records that Firehose refused."""

settings = ArchiveSettings.from_environment()
logger = Logger(service="telemetry-archive")
firehose: "FirehoseClient" = boto3.client("firehose", config=PATIENT)


class NotTaken(Exception):
    """Makes Lambda deliver the same records again. The archive's views show each row once."""


def handler(event: dict[str, Any], _context: Any) -> None:
    records: list[RecordTypeDef] = [
        {"Data": line_of(row)} for row in rows_of(changes_in(event["Records"]))
    ]
    for start in range(0, len(records), _MOST_RECORDS):
        _deliver(records[start : start + _MOST_RECORDS])
    logger.info("archived", rows=len(records))


def _deliver(records: Sequence["RecordTypeDef"]) -> None:
    left, why = _not_taken(records)
    for pause in _PAUSES:
        if not left:
            return
        time.sleep(pause)
        left, why = _not_taken(left)
    if left:
        raise NotTaken(f"Firehose refused {len(left)} of {len(records)} records: {why}")


def _not_taken(records: Sequence["RecordTypeDef"]) -> tuple[list["RecordTypeDef"], str]:
    """Returns the records that Firehose refused, and its first error."""
    answer = firehose.put_record_batch(DeliveryStreamName=settings.archive_stream, Records=records)
    answers = answer["RequestResponses"]
    left = [one for one, of_it in zip(records, answers, strict=True) if "ErrorCode" in of_it]
    return left, next((each["ErrorCode"] for each in answers if "ErrorCode" in each), "")
