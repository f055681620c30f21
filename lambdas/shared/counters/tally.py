"""Adds each fact of a day to its counters exactly once.

Lambda passes on a batch again after any failure, and may cut it differently. So a tally stores
the last change it has seen of each partition of the table; the stream keeps their order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from lambdas.shared.counters.counters import Counters


@dataclass(frozen=True, slots=True)
class Began:
    """A session began."""

    player: str


@dataclass(frozen=True, slots=True)
class Length:
    """A session ended after so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Happened:
    """An event happened."""

    name: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A score was sent."""

    score: int


Fact: TypeAlias = Began | Length | Happened | Scored


@dataclass(frozen=True, slots=True)
class Change:
    """A fact, and its position in the stream."""

    source: str
    sequence: int
    at: int
    fact: Fact


@dataclass(slots=True)
class Tally:
    """A day's counters, with the last change seen from each partition."""

    counters: Counters = field(default_factory=Counters)
    seen: dict[str, int] = field(default_factory=dict)
    version: int = 0

    def take(self, changes: Iterable[Change]) -> int:
        """Counts the new changes. Returns how many there were."""
        new = 0
        for change in changes:
            if change.sequence > self.seen.get(change.source, -1):
                self.seen[change.source] = change.sequence
                _count(self.counters, change.fact)
                new += 1
        return new


def _count(counters: Counters, fact: Fact) -> None:
    match fact:
        case Began(player):
            counters.add_session(player)
        case Happened(name):
            counters.add_event(name)
        case Scored(score):
            counters.scores.add(score)
        case Length(seconds):
            counters.lengths.add(seconds)
