"""From what the table's stream tells to counters, each change counted once.

Lambda hands on a batch again after any failure, cut anew perhaps, so a counter remembers for
each partition of the table the last change it has seen: the stream keeps their order.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lambdas.telemetry.counters import Counters


@dataclass(frozen=True, slots=True)
class Began:
    player: str


@dataclass(frozen=True, slots=True)
class Length:
    seconds: int


@dataclass(frozen=True, slots=True)
class Happened:
    name: str


@dataclass(frozen=True, slots=True)
class Scored:
    score: int


Fact: TypeAlias = Began | Length | Happened | Scored


@dataclass(frozen=True, slots=True)
class Change:
    """A fact, and its place in the stream."""

    source: str
    sequence: int
    at: int
    fact: Fact


@dataclass(slots=True)
class Tally:
    """A day's counters with what was seen up to now."""

    counters: Counters = field(default_factory=Counters)
    seen: dict[str, int] = field(default_factory=dict)
    version: int = 0

    def take(self, changes: Iterable[Change]) -> int:
        """How many of them were new."""
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


Record: TypeAlias = Mapping[str, Any]


def changes_in(records: Iterable[Record]) -> Iterator[tuple[str, Change]]:
    """With the project each belongs to. An item written once more is no second one."""
    for record in records:
        told = record["dynamodb"]
        partition = told["Keys"]["PK"]["S"]
        if not partition.startswith("P#") or record["eventName"] == "REMOVE":
            continue
        project_id, _, source = partition[2:].partition("#D#")
        session_id, *rest = told["Keys"]["SK"]["S"].split("#")
        found = _fact(record["eventName"], session_id, rest[0], told["NewImage"])
        if found is not None:
            at, fact = found
            yield project_id, Change(source, int(told["SequenceNumber"]), at, fact)


def _fact(name: str, session_id: str, kind: str, image: Record) -> tuple[int, Fact] | None:
    at = int(image["at"]["N"])
    if name == "MODIFY":
        if kind != "0" or "ended" not in image:
            return None
        ended = int(image["ended"]["N"])
        return ended, Length(max(0, ended - at) // 1000)
    if kind == "0":
        return at, Began(image["player"]["S"] if "player" in image else session_id)
    if kind == "E":
        return at, Happened(image["name"]["S"])
    return at, Scored(int(image["score"]["N"]))
