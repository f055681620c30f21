"""Reads the aggregates of a range of days: those of the day where they are made, else its hours."""

from collections.abc import Iterator

from lambdas.insights.aggregates import Aggregate
from lambdas.insights.summaries import Measured
from lambdas.insights.table import HOURS_KEPT_DAYS, InsightsTable
from lambdas.shared.values.clock import day_after, days_between

_HOURLY_DAYS = 3
"""Up to so many days are answered by the hour."""


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
