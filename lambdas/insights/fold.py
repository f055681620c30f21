"""Counts the log files that CloudFront writes, each when it arrives.

Once an hour it counts the files that are left, because a notification was lost or a count failed.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from urllib.parse import unquote_plus

import boto3
from aws_lambda_powertools import Logger

from lambdas.insights.callers import hashed
from lambdas.insights.catalogue import Catalogue
from lambdas.insights.files import LogFiles
from lambdas.insights.folding import fold
from lambdas.insights.settings import FoldSettings
from lambdas.insights.table import InsightsTable
from lambdas.shared.aws import PATIENT

_BEING_COUNTED: Final = timedelta(minutes=10)
"""Another invocation may be counting a file that is younger."""
_CATALOGUE_S: Final = 60
_RESERVE_MS: Final = 60_000

settings = FoldSettings.from_environment()
logger = Logger(service="insights-fold")
table = InsightsTable(boto3.client("dynamodb", config=PATIENT), settings.insights_table)
files = LogFiles(
    boto3.client("s3", config=PATIENT),
    settings.insights_bucket,
    rows_prefix=settings.rows_prefix,
    unreadable_prefix=settings.unreadable_prefix,
)


class NotCounted(Exception):
    """Files that the next run counts."""


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """A file that fails does not stop the others."""
    counted, failed = 0, []
    for key in _keys(event):
        if context.get_remaining_time_in_millis() < _RESERVE_MS:
            logger.warning("out of time; the next run counts the rest")
            break
        try:
            counted += _count(key)
        except Exception:
            logger.exception("failed; the next run counts the file", key=key)
            failed.append(key)
    if failed:
        raise NotCounted(f"the next run counts: {', '.join(failed)}")
    return {"rows": counted}


def _keys(event: dict[str, Any]) -> Iterator[str]:
    records = event.get("Records")
    if records is not None:
        yield from (unquote_plus(each["s3"]["object"]["key"]) for each in records)
        return
    before = datetime.now(UTC) - _BEING_COUNTED
    for prefix in settings.raw_prefixes.split(","):
        yield from files.waiting(prefix, before)


def _count(key: str) -> int:
    started = time.perf_counter()
    now_ms = time.time_ns() // 1_000_000
    catalogue = _catalogue(now_ms // 1000 // _CATALOGUE_S)
    folded = fold(key, files, table, catalogue=catalogue, hashing=_hashing, now_ms=now_ms)
    if folded is None:
        logger.info("already counted", key=key)
        return 0
    if folded.set_aside:
        logger.warning("not counted: the file", key=key, why=folded.set_aside)
    if folded.unreadable:
        problems = dict(folded.unreadable.most_common(10))
        logger.warning("not counted: lines", key=key, problems=problems)
    ms = round((time.perf_counter() - started) * 1000, 1)
    logger.info("counted", key=key, lines=folded.lines, rows=folded.rows, new=folded.new, ms=ms)
    return folded.rows


@cache
def _salt(day: str) -> bytes:
    return table.salt(day, os.urandom(32), int(time.time()))


def _hashing(user: str, day: str) -> str:
    return hashed(_salt(day), user)


_read: dict[int, Catalogue] = {}


def _catalogue(minute: int) -> Catalogue:
    """The routes, read at most once a minute."""
    if minute not in _read:
        text = table.catalogue()
        _read.clear()
        _read[minute] = Catalogue() if text is None else Catalogue.read(text)
    return _read[minute]
