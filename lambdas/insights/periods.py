"""Reads the aggregates of a range of days: those of the day where they are made, else its hours."""

from collections.abc import Iterator
from dataclasses import dataclass

from lambdas.insights.aggregates import Aggregate
from lambdas.insights.summaries import Measured
from lambdas.insights.table import HOURS_KEPT_DAYS, InsightsTable
from lambdas.shared.values.clock import day_after, day_of, days_between, iso

_HOURLY_DAYS = 3
"""Up to so many days are answered by the hour."""
_WHOLE = 24
"""Hours."""


def measured(
    table: InsightsTable, first: str, last: str, *, today: str, fn: str = ""
) -> Iterator[Measured]:
    days = days_between(first, last)
    if len(days) <= _HOURLY_DAYS and first > day_after(today, -HOURS_KEPT_DAYS):
        for day in days:
            for name, hour, total in table.hours(day, fn):
                yield name, f"{day}T{hour}", total
        return
    # Yesterday's aggregates may not be made yet, and today's are not.
    yesterday = day_after(today, -1)
    made = [day for day in days if day < yesterday]
    for month in dict.fromkeys(day[:7] for day in made):
        for name, day, total in table.days(month, fn):
            if day in made:
                yield name, day, total
    for day in (each for each in days if each >= yesterday):
        yield from _of_hours(table, day, fn)


def _of_hours(table: InsightsTable, day: str, fn: str) -> Iterator[Measured]:
    totals: dict[str, Aggregate] = {}
    for name, _, hour in table.hours(day, fn):
        totals.setdefault(name, Aggregate()).merge(hour)
    for name, total in totals.items():
        yield name, day, total


@dataclass(frozen=True, slots=True)
class Part:
    """Days, of which the last may count by its first hours alone."""

    first: str
    last: str
    hours: int
    """Of the last day: 24 where it counts whole."""
    today: str

    def read(self, table: InsightsTable, fn: str) -> Iterator[tuple[str, Aggregate]]:
        if self.hours == _WHOLE:
            whole = measured(table, self.first, self.last, today=self.today, fn=fn)
            yield from ((name, total) for name, _, total in whole)
            return
        if self.first < self.last:
            until = day_after(self.last, -1)
            days = measured(table, self.first, until, today=self.today, fn=fn)
            yield from ((name, total) for name, _, total in days)
        for name, hour, total in table.hours(self.last, fn):
            if int(hour) < self.hours:
                yield name, total


def same_parts(first: str, last: str, now_ms: int) -> tuple[Part, Part] | None:
    """The complete part of the days, and the same part of as many days before them.

    Today is complete up to the hour that goes on. Where the hours of the day to compare it with
    are gone, whole days are compared. None where nothing is complete.
    """
    today, days = day_of(now_ms), len(days_between(first, last))
    hours = _WHOLE
    if last >= today:
        hours = int(iso(now_ms)[11:13]) if last == today else 0
        if not hours or day_after(last, -days) <= day_after(today, -HOURS_KEPT_DAYS):
            last, hours = day_after(min(last, today), -1), _WHOLE
        if first > last:
            return None
    now = Part(first, last, hours, today)
    return now, Part(day_after(first, -days), day_after(last, -days), hours, today)
