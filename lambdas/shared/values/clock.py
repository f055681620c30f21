"""Moments and days in UTC, as text."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def iso(ms: int) -> str:
    moment = datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{ms % 1000:03d}Z"


def from_iso(text: str) -> int:
    """Of any ISO 8601 moment: an imported row may leave the milliseconds out."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def day_of(ms: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(ms / 1000))


def days_between(first: str, last: str) -> list[str]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(days)).isoformat() for days in range((end - start).days + 1)]


def day_after(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days)).isoformat()
