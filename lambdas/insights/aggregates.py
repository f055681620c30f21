"""Counts of the requests to one function in one hour, or in one day.

All sums are whole numbers, so an aggregate is the same whatever the order of its rows.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self

from lambdas.insights.quantiles import Quantiles
from lambdas.insights.rows import Row
from lambdas.shared.values.sketch import Sketch


@dataclass(slots=True)
class Refused:
    """The requests that one code refused."""

    times: int = 0
    first_ms: int = 0
    last_ms: int = 0
    sample: str = ""
    """The id of the newest request."""
    status: int = 0
    """The status of the newest request."""

    def merge(self, other: "Refused") -> None:
        if not other.times:
            return
        first = min(self.first_ms, other.first_ms) if self.times else other.first_ms
        newest = max(self, other, key=lambda each: (each.times > 0, each.last_ms, each.sample))
        self.last_ms, self.sample, self.status = newest.last_ms, newest.sample, newest.status
        self.first_ms = first
        self.times += other.times


@dataclass(slots=True)
class Runs:
    """What creators' functions used, of all requests that say it."""

    times: int = 0
    kb: int = 0
    most_kb: int = 0
    cpu_us: int = 0
    us: int = 0
    """How long the same requests took."""

    def add(self, other: "Runs") -> None:
        self.times += other.times
        self.kb += other.kb
        self.most_kb = max(self.most_kb, other.most_kb)
        self.cpu_us += other.cpu_us
        self.us += other.us


@dataclass(slots=True)
class Aggregate:
    statuses: Counter[int] = field(default_factory=Counter)
    hits: int = 0
    us: int = 0
    """The sum of all durations, in microseconds."""
    hit_us: int = 0
    """Of the answers from the cache alone."""
    least_us: int | None = None
    most_us: int | None = None
    bytes: int = 0
    refused: dict[str, Refused] = field(default_factory=dict)
    durations: Quantiles = field(default_factory=Quantiles)
    callers: Sketch | None = None
    """Only where the route says who calls."""
    runs: Runs = field(default_factory=Runs)

    @property
    def times(self) -> int:
        return self.statuses.total()

    @property
    def failed(self) -> int:
        return sum(times for status, times in self.statuses.items() if status >= 400)

    @property
    def succeeded(self) -> int:
        return sum(times for status, times in self.statuses.items() if 200 <= status < 300)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Self:
        counted = cls()
        for row in rows:
            counted.add(row)
        return counted

    def add(self, row: Row) -> None:
        self.statuses[row.status] += 1
        self.us += row.us
        self.bytes += row.bytes
        self.least_us = row.us if self.least_us is None else min(self.least_us, row.us)
        self.most_us = row.us if self.most_us is None else max(self.most_us, row.us)
        self.durations.add(row.us / 1000)
        if row.cached:
            self.hits += 1
            self.hit_us += row.us
        if row.error:
            one = Refused(1, row.ms, row.ms, row.id, row.status)
            self.refused.setdefault(row.error, Refused()).merge(one)
        if row.memory_kb:
            self.runs.add(Runs(1, row.memory_kb, row.memory_kb, row.cpu_us, row.us))
        if row.caller:
            self.callers = self.callers or Sketch()
            self.callers.add(row.caller)

    def merge(self, other: "Aggregate") -> None:
        self.statuses.update(other.statuses)
        self.hits += other.hits
        self.us += other.us
        self.hit_us += other.hit_us
        self.bytes += other.bytes
        self.least_us = _of_both(min, self.least_us, other.least_us)
        self.most_us = _of_both(max, self.most_us, other.most_us)
        for code, refused in other.refused.items():
            self.refused.setdefault(code, Refused()).merge(refused)
        self.durations.merge(other.durations)
        self.runs.add(other.runs)
        if other.callers is not None:
            self.callers = self.callers or Sketch()
            self.callers.merge(other.callers)


def merged(aggregates: Iterable[Aggregate]) -> Aggregate:
    total = Aggregate()
    for each in aggregates:
        total.merge(each)
    return total


def _of_both(choose: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)
