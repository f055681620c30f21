"""Writes what the TelemetryTable's stream tells to S3, a window at a time."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import PATIENT
from lambdas.telemetry.archiving import files_of
from lambdas.telemetry.settings import ArchiveSettings

settings = ArchiveSettings.from_environment()
logger = Logger(service="telemetry-archive")
s3 = boto3.client("s3", config=PATIENT)


def handler(event: dict[str, Any], _context: Any) -> None:
    """Raises where anything is left: then Lambda hands on the same records again."""
    files = files_of(event["Records"])
    for file in files:
        s3.put_object(
            Bucket=settings.archive_bucket,
            Key=file.key,
            Body=file.content,
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
        )
    logger.info("archived", files=len(files), rows=sum(len(file.rows) for file in files))
