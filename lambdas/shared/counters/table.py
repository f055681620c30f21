"""How the TelemetryTable stores counters: one item holds a project's day."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from lambdas.shared.counters.counters import Counters, Numbers
from lambdas.shared.counters.tally import Change, Tally
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.values.clock import day_of
from lambdas.shared.values.sketch import Sketch

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_TRIES: Final = 20


def counters_of(project_id: str) -> str:
    return f"C#{project_id}"


class ContendedError(Exception):
    """Other writers were faster on every try. Lambda delivers the batch again."""


class CounterTable(MeteredTable):
    def __init__(
        self, client: "DynamoDBClient", name: str, wait: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(client, name)
        self._wait = wait

    def count(self, changes: Iterable[tuple[str, Change]]) -> int:
        """Counts each change on the day it was received. Returns how many were new."""
        by_day: defaultdict[tuple[str, str], list[Change]] = defaultdict(list)
        for project_id, change in changes:
            by_day[project_id, day_of(change.at)].append(change)
        return sum(self._fold(*place, changes) for place, changes in by_day.items())

    def days(self, project_id: str, first: str, last: str) -> Iterator[tuple[str, Counters]]:
        query = {
            "KeyConditionExpression": "PK = :pk AND SK BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": counters_of(project_id),
                ":first": f"D#{first}",
                ":last": f"D#{last}",
            },
        }
        for page in self._pages(query):
            for item in page.items:
                yield item["SK"].removeprefix("D#"), _tally(item).counters

    def _fold(self, project_id: str, day: str, changes: list[Change]) -> int:
        key = {"PK": counters_of(project_id), "SK": f"D#{day}"}
        for attempt in range(1, _TRIES + 1):
            tally = self._read(key)
            new = tally.take(changes)
            if not new or self._replace(key, tally):
                return new
            self._wait(random.uniform(0, 0.02) * attempt)
        raise ContendedError(
            f"project {project_id}, {day}: {_TRIES} tries met another writer; "
            "Lambda delivers the batch again"
        )

    def _read(self, key: Item) -> Tally:
        item = self._get(key, consistent=True)
        return Tally() if item is None else _tally(item)

    def _replace(self, key: Item, tally: Tally) -> bool:
        """Writes the tally. False where another writer did since it was read."""
        try:
            self._put(
                key | _attributes(tally),
                ConditionExpression="attribute_not_exists(PK) OR version = :version",
                ExpressionAttributeValues={":version": tally.version},
            )
        except ConditionFailed:
            return False
        return True


def _attributes(tally: Tally) -> Item:
    counters = tally.counters
    return {
        "version": tally.version + 1,
        "sessions": counters.sessions,
        "players": counters.players.packed(),
        "events": counters.events,
        "scores": _numbers_item(counters.scores),
        "lengths": _numbers_item(counters.lengths),
        # Sequence numbers have up to 40 digits, and DynamoDB's numbers 38.
        "seen": {source: str(last) for source, last in tally.seen.items()},
    }


def _tally(item: Item) -> Tally:
    counters = Counters(
        sessions=item["sessions"],
        players=Sketch.unpacked(item["players"]),
        events=Counter(item["events"]),
        scores=_numbers(item["scores"]),
        lengths=_numbers(item["lengths"]),
    )
    seen = {source: int(last) for source, last in item["seen"].items()}
    return Tally(counters, seen, item["version"])


def _numbers_item(numbers: Numbers) -> Item:
    if numbers.least is None:
        return {}
    return {
        "count": numbers.count,
        "total": numbers.total,
        "least": numbers.least,
        "most": numbers.most,
        "buckets": {str(name): count for name, count in numbers.buckets.items()},
    }


def _numbers(item: Item) -> Numbers:
    if not item:
        return Numbers()
    return Numbers(
        count=item["count"],
        total=item["total"],
        least=item["least"],
        most=item["most"],
        buckets=Counter({int(name): count for name, count in item["buckets"].items()}),
    )
