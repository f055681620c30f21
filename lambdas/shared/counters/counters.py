"""A project's counters of one day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

from lambdas.shared.values.histogram import bucket
from lambdas.shared.values.sketch import Sketch

MOST_NAMES: Final = 200
OTHER: Final = "*"
"""Counts all events beyond the day's first 200 names. No event has this name."""


@dataclass(slots=True)
class Numbers:
    """How many whole numbers there were, their sum and extremes, and a histogram."""

    count: int = 0
    total: int = 0
    least: int | None = None
    most: int | None = None
    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, number: int) -> None:
        self.merge(Numbers(1, number, number, number, Counter([bucket(number)])))

    def merge(self, other: "Numbers") -> None:
        self.count += other.count
        self.total += other.total
        self.least = min(_known(self.least, other.least), default=None)
        self.most = max(_known(self.most, other.most), default=None)
        self.buckets.update(other.buckets)


def _known(*numbers: int | None) -> list[int]:
    return [number for number in numbers if number is not None]


@dataclass(slots=True)
class Counters:
    """Counts of a project's sessions, players, events and scores."""

    sessions: int = 0
    players: Sketch = field(default_factory=Sketch)
    events: Counter[str] = field(default_factory=Counter)
    scores: Numbers = field(default_factory=Numbers)
    lengths: Numbers = field(default_factory=Numbers)
    """Lengths of sessions that were ended, in whole seconds."""

    def add_session(self, player: str) -> None:
        self.sessions += 1
        self.players.add(player)

    def add_event(self, name: str) -> None:
        full = len(self.events) >= MOST_NAMES and name not in self.events
        self.events[OTHER if full else name] += 1

    def merge(self, other: "Counters") -> None:
        self.sessions += other.sessions
        self.players.merge(other.players)
        self.events.update(other.events)
        self.scores.merge(other.scores)
        self.lengths.merge(other.lengths)

    @classmethod
    def merged(cls, days: Iterable["Counters"]) -> Self:
        total = cls()
        for day in days:
            total.merge(day)
        return total
