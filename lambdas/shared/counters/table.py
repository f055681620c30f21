"""How counters lie in the TelemetryTable: a day of a project is one item."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from lambdas.shared.counters.counters import Counters, Numbers
from lambdas.shared.counters.tally import Change, Tally
from lambdas.shared.dynamo.table import ConditionFailed, Item, MeteredTable
from lambdas.shared.values.clock import day_of
from lambdas.shared.values.sketch import Sketch

_TRIES: Final = 20


def counters_of(project_id: str) -> str:
    return f"C#{project_id}"


class ContendedError(Exception):
    """Other writers were faster each time; the batch is handed on again."""


class CounterTable(MeteredTable):
    def __init__(self, client: Any, name: str, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__(client, name)
        self._wait = wait

    def count(self, changes: Iterable[tuple[str, Change]]) -> int:
        """Changes that had not been counted yet, by the day on which each was received."""
        by_day: defaultdict[tuple[str, str], list[Change]] = defaultdict(list)
        for project_id, change in changes:
            by_day[project_id, day_of(change.at)].append(change)
        return sum(self._fold(*place, changes) for place, changes in by_day.items())

    def days(self, project_id: str, first: str, last: str) -> Iterator[tuple[str, Counters]]:
        query = {
            "KeyConditionExpression": "PK = :pk AND SK BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": counters_of(project_id)},
                ":first": {"S": f"D#{first}"},
                ":last": {"S": f"D#{last}"},
            },
        }
        for page in self._pages(query):
            for item in page["Items"]:
                yield item["SK"]["S"][2:], _tally(item).counters

    def _fold(self, project_id: str, day: str, changes: list[Change]) -> int:
        key = {"PK": {"S": counters_of(project_id)}, "SK": {"S": f"D#{day}"}}
        for attempt in range(1, _TRIES + 1):
            tally = self._read(key)
            new = tally.take(changes)
            if not new or self._replace(key, tally):
                return new
            self._wait(random.uniform(0, 0.02) * attempt)
        raise ContendedError(f"{project_id} {day}")

    def _read(self, key: Item) -> Tally:
        item = self._get(key, consistent=True)
        return Tally() if item is None else _tally(item)

    def _replace(self, key: Item, tally: Tally) -> bool:
        """Unless somebody else has since it was read."""
        try:
            self._put(
                key | _attributes(tally),
                ConditionExpression="attribute_not_exists(PK) OR version = :version",
                ExpressionAttributeValues={":version": _n(tally.version)},
            )
        except ConditionFailed:
            return False
        return True


def _n(number: int) -> Item:
    return {"N": str(number)}


def _attributes(tally: Tally) -> Item:
    counters = tally.counters
    return {
        "version": _n(tally.version + 1),
        "sessions": _n(counters.sessions),
        "players": {"B": counters.players.packed()},
        "events": _counts(counters.events),
        "scores": _numbers_item(counters.scores),
        "lengths": _numbers_item(counters.lengths),
        # Sequence numbers have up to 40 digits, and DynamoDB's numbers 38.
        "seen": {"M": {source: {"S": str(last)} for source, last in tally.seen.items()}},
    }


def _tally(item: Item) -> Tally:
    counters = Counters(
        sessions=int(item["sessions"]["N"]),
        players=Sketch.unpacked(item["players"]["B"]),
        events=Counter({name: int(count["N"]) for name, count in item["events"]["M"].items()}),
        scores=_numbers(item["scores"]["M"]),
        lengths=_numbers(item["lengths"]["M"]),
    )
    seen = {source: int(last["S"]) for source, last in item["seen"]["M"].items()}
    return Tally(counters, seen, int(item["version"]["N"]))


def _counts(counts: Counter[Any]) -> Item:
    return {"M": {str(name): _n(count) for name, count in counts.items()}}


def _numbers_item(numbers: Numbers) -> Item:
    if numbers.least is None or numbers.most is None:
        return {"M": {}}
    return {
        "M": {
            "count": _n(numbers.count),
            "total": _n(numbers.total),
            "least": _n(numbers.least),
            "most": _n(numbers.most),
            "buckets": _counts(numbers.buckets),
        }
    }


def _numbers(item: Item) -> Numbers:
    if not item:
        return Numbers()
    return Numbers(
        count=int(item["count"]["N"]),
        total=int(item["total"]["N"]),
        least=int(item["least"]["N"]),
        most=int(item["most"]["N"]),
        buckets=Counter({int(k): int(v["N"]) for k, v in item["buckets"]["M"].items()}),
    )
