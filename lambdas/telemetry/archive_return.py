"""Hourly: what Firehose set aside, as when it had too many projects open, goes where it belongs."""

from collections.abc import Iterator
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import PATIENT
from lambdas.telemetry.archiving import NotOurs, by_place, content_of, set_aside
from lambdas.telemetry.settings import ArchiveReturnSettings

settings = ArchiveReturnSettings.from_environment()
logger = Logger(service="telemetry-archive-return")
s3 = boto3.client("s3", config=PATIENT)


def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    returned = sum(_return(key) for key in _aside())
    logger.info("returned", rows=returned)
    return {"returned": returned}


def _aside() -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=settings.archive_bucket, Prefix=settings.aside_prefix
    )
    for page in pages:
        yield from (each["Key"] for each in page.get("Contents", ()))


def _return(key: str) -> int:
    """Writes before it deletes, each under one name: cut short, it does the same again."""
    bucket = settings.archive_bucket
    try:
        rows = set_aside(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except NotOurs:
        logger.exception("not readable, so it stays aside", key=key)
        return 0
    for place, some in by_place(rows).items():
        s3.put_object(
            Bucket=bucket,
            Key=f"{place}{key.rpartition('/')[2]}.json.gz",
            Body=content_of(some),
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
        )
    s3.delete_object(Bucket=bucket, Key=key)
    return len(rows)
