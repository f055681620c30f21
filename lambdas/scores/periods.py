"""Periods in a game's time zone: their ids, their limits, and the one that holds a moment."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Period:
    """One month, week or day in a game's time zone, or all time."""

    kind: str
    id: str
    begins_ms: int
    ends_ms: int | None
    """The first moment after it; None where it never ends."""

    def contains(self, moment_ms: int) -> bool:
        return self.begins_ms <= moment_ms and (self.ends_ms is None or moment_ms < self.ends_ms)


EVER: Final = Period(ALL, ALL, 0, None)


def _first_of_month(day: date) -> date:
    return day.replace(day=1)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week_id(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year:04}-W{week:02}"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How periods of one kind are named and follow each other."""

    pattern: re.Pattern[str]
    first_day: Callable[[date], date]
    next_first_day: Callable[[date], date]
    id_of: Callable[[date], str]
    day_in: Callable[[str], date]


_KINDS: Final = {
    "monthly": _Kind(
        re.compile(r"\d{4}-\d{2}", re.ASCII),
        _first_of_month,
        _next_month,
        lambda first: f"{first.year:04}-{first.month:02}",
        lambda text: date(int(text[:4]), int(text[5:]), 1),
    ),
    "weekly": _Kind(
        re.compile(r"\d{4}-W\d{2}", re.ASCII),
        _monday,
        lambda monday: monday + timedelta(days=7),
        _week_id,
        lambda text: date.fromisocalendar(int(text[:4]), int(text[6:]), 1),
    ),
    "daily": _Kind(
        re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
        lambda day: day,
        lambda day: day + timedelta(days=1),
        date.isoformat,
        lambda text: date(int(text[:4]), int(text[5:7]), int(text[8:])),
    ),
}


def period_at(kind: str, timezone: str, moment_ms: int) -> Period:
    """The period of that kind in which the moment lies."""
    if kind == ALL:
        return EVER
    local = datetime.fromtimestamp(moment_ms / 1000, ZoneInfo(timezone))
    return _period_from(kind, timezone, local.date())


def period_before(period: Period, timezone: str) -> Period | None:
    return None if period.kind == ALL else period_at(period.kind, timezone, period.begins_ms - 1)


def period_named(text: str, timezone: str) -> Period | None:
    """The period with that id; None where no calendar has it."""
    for kind, rules in _KINDS.items():
        if rules.pattern.fullmatch(text):
            try:
                return _period_from(kind, timezone, rules.day_in(text))
            except (ValueError, OverflowError):
                return None
    return EVER if text == ALL else None


@lru_cache(maxsize=256)
def _period_from(kind: str, timezone: str, day: date) -> Period:
    rules = _KINDS[kind]
    first = rules.first_day(day)
    zone = ZoneInfo(timezone)
    return Period(
        kind,
        rules.id_of(first),
        _midnight_ms(first, zone),
        _midnight_ms(rules.next_first_day(first), zone),
    )


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    # Where the clock jumps over midnight, fold=0 reads 00:00 with the offset
    # before the jump, which is the moment of the jump: the day's true beginning.
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
