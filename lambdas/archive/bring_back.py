"""Moves rows that Firehose set aside to their partitions, every hour.

Firehose sets rows aside when too many projects are open, for example.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.archive.files import Files, lines_in, row_set_aside
from lambdas.archive.settings import ArchiveReturnSettings
from lambdas.shared.aws import PATIENT

_CHUNK_BYTES: Final = 1 << 20

settings = ArchiveReturnSettings.from_environment()
logger = Logger(service="telemetry-archive-return")
s3 = boto3.client("s3", config=PATIENT)


class NotReturned(Exception):
    pass


def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """A file that fails does not stop the others."""
    returned, failed = 0, []
    for key in _aside():
        try:
            returned += _return(key)
        except Exception:
            logger.exception("not returned; the next run tries again", key=key)
            failed.append(key)
    logger.info("returned", rows=returned)
    if failed:
        raise NotReturned(f"not returned, the next run tries again: {', '.join(failed)}")
    return {"returned": returned}


def _aside() -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=settings.archive_bucket, Prefix=settings.aside_prefix
    )
    for page in pages:
        yield from (each["Key"] for each in page.get("Contents", ()))


def _return(key: str) -> int:
    """Writes before it deletes, under fixed names, so that an interrupted run can be repeated."""
    name, unreadable = key.rpartition("/")[2], []
    with closing(Files()) as files:
        for line in _lines(key):
            row = row_set_aside(line)
            if row is None:
                unreadable.append(line)
            else:
                files.add(row)
        for place, content in files.contents():
            _put(f"{place}{name}.json.gz", content, ContentEncoding="gzip")
    if unreadable:
        logger.error("not readable", key=key, lines=len(unreadable))
        _put(f"{settings.unreadable_prefix}{name}", b"\n".join(unreadable))
    s3.delete_object(Bucket=settings.archive_bucket, Key=key)
    return files.rows


def _lines(key: str) -> Iterator[bytes]:
    body = s3.get_object(Bucket=settings.archive_bucket, Key=key)["Body"]
    return lines_in(body.iter_chunks(_CHUNK_BYTES))


def _put(key: str, content: bytes, **more: str) -> None:
    s3.put_object(
        Bucket=settings.archive_bucket,
        Key=key,
        Body=content,
        ContentType="application/x-ndjson",
        **more,
    )
