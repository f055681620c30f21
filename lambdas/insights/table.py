"""How the InsightsTable stores aggregates, error groups, and the list of functions.

| PK | SK | |
|---|---|---|
| H#{day} | {fn}#{hour} | the aggregate of an hour |
| D#{month} | {fn}#{day} | the aggregate of a day |
| E#{fn} | {code}#{fingerprint} | a group of failures |
| FN#{project} | {language-title} | a function |
| META | CATALOGUE, SCHEMA#{version} | the routes, and the versions of this layout |
| SALT#{day} | SALT | the secret with which a day's callers are hashed |
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final

from lambdas.insights.aggregates import Aggregate, Refused, Runs
from lambdas.insights.quantiles import Quantiles
from lambdas.insights.registry import Registered
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.values.sketch import Sketch

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SCHEMA: Final = 1
"""The version of this layout. Every item carries the one that it was written with."""
HOURS_KEPT_DAYS: Final = 14
DAYS_KEPT_DAYS: Final = 400
_SALT_KEPT_DAYS: Final = 4
"""Longer than CloudFront may take to deliver a day's last file."""
_DAY_S: Final = 86_400
_TRIES: Final = 40
_META: Final = "META"


class ContendedError(Exception):
    """Other writers were faster on every try. The file stays, and the next run folds it."""


class InsightsTable(MeteredTable):
    def __init__(
        self, client: "DynamoDBClient", name: str, wait: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(client, name)
        self._wait = wait

    # Aggregates

    def count(self, day: str, hour: str, fn: str, counted: Aggregate, mark: str) -> bool:
        """Adds what one file says of an hour, once. False where it was added before."""
        key = {"PK": f"H#{day}", "SK": f"{fn}#{hour}"}
        for attempt in range(1, _TRIES + 1):
            item = self._get(key, consistent=True) or {}
            seen: set[str] = item.get("seen", set())
            if mark in seen:
                return False
            total = _aggregate(item)
            total.merge(counted)
            changed = {
                **item_of(total),
                "seen": seen | {mark},
                "version": item.get("version", 0) + 1,
                "expires": int(time.time()) + HOURS_KEPT_DAYS * _DAY_S,
            }
            if self._replace(key | changed, item.get("version", 0)):
                return True
            self._wait(random.uniform(0, 0.02) * attempt)
        raise ContendedError(f"{fn}, {day} {hour} h: {_TRIES} tries met another writer")

    def hours(self, day: str, fn: str = "") -> Iterator[tuple[str, str, Aggregate]]:
        """The function, the hour and its aggregate: of one function, or of all."""
        for item in self._items(f"H#{day}", f"{fn}#" if fn else ""):
            name, _, hour = item["SK"].rpartition("#")
            yield name, hour, _aggregate(item)

    def put_day(self, day: str, fn: str, total: Aggregate, now_s: int) -> None:
        """Replaces the day's aggregate, which is always made of all its hours."""
        self._put(
            {
                "PK": f"D#{day[:7]}",
                "SK": f"{fn}#{day}",
                **item_of(total),
                "expires": now_s + DAYS_KEPT_DAYS * _DAY_S,
            }
        )

    def days(self, month: str, fn: str = "") -> Iterator[tuple[str, str, Aggregate]]:
        """The function, the day and its aggregate."""
        for item in self._items(f"D#{month}", f"{fn}#" if fn else ""):
            name, _, day = item["SK"].rpartition("#")
            yield name, day, _aggregate(item)

    def _replace(self, item: Item, version: int) -> bool:
        """Writes the item. False where another writer did since it was read."""
        try:
            self._put(
                item,
                ConditionExpression="attribute_not_exists(PK) OR version = :version",
                ExpressionAttributeValues={":version": version},
            )
        except ConditionFailed:
            return False
        return True

    # Functions and the routes to them

    def put_function(self, project: str, function: Registered) -> None:
        self._put({"PK": f"FN#{project}", "SK": function.language_title, **function.to_item()})

    def functions(self, project: str) -> Iterator[Registered]:
        return (Registered.from_item(item) for item in self._items(f"FN#{project}", ""))

    def function(self, project: str, language_title: str) -> Registered | None:
        item = self._get({"PK": f"FN#{project}", "SK": language_title}, consistent=False)
        return None if item is None else Registered.from_item(item)

    def delete_function(self, project: str, language_title: str) -> None:
        self._delete({"PK": f"FN#{project}", "SK": language_title})

    def put_catalogue(self, text: str) -> None:
        self._put({"PK": _META, "SK": "CATALOGUE", "text": text, "v": SCHEMA})

    def catalogue(self) -> str | None:
        item = self._get({"PK": _META, "SK": "CATALOGUE"}, consistent=False)
        return None if item is None else str(item["text"])

    def note_schema(self, description: str, at: str, by: str) -> None:
        """Records this layout's version when it is first applied."""
        try:
            self._put(
                {
                    "PK": _META,
                    "SK": f"SCHEMA#{SCHEMA}",
                    "version": SCHEMA,
                    "description": description,
                    "appliedAt": at,
                    "appliedBy": by,
                },
                ConditionExpression="attribute_not_exists(PK)",
            )
        except ConditionFailed:
            return

    def schemas(self) -> list[Item]:
        return list(self._items(_META, "SCHEMA#"))

    # Salts

    def salt(self, day: str, fresh: bytes, now_s: int) -> bytes:
        """The day's secret: the given one, unless the day has one already."""
        key = {"PK": f"SALT#{day}", "SK": "SALT"}
        if (item := self._get(key, consistent=True)) is not None:
            return bytes(item["salt"])
        try:
            self._put(
                {**key, "salt": fresh, "expires": now_s + _SALT_KEPT_DAYS * _DAY_S},
                ConditionExpression="attribute_not_exists(PK)",
            )
        except ConditionFailed:
            return self.salt(day, fresh, now_s)
        return fresh

    def _items(self, partition: str, prefix: str) -> Iterator[Item]:
        query: dict[str, Any] = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": partition},
        }
        if prefix:
            query["KeyConditionExpression"] += " AND begins_with(SK, :prefix)"
            query["ExpressionAttributeValues"][":prefix"] = prefix
        for page in self._pages(query):
            yield from page.items


def item_of(total: Aggregate) -> Item:
    item: Item = {
        "v": SCHEMA,
        "statuses": {str(status): times for status, times in total.statuses.items()},
        "hits": total.hits,
        "us": total.us,
        "hitUs": total.hit_us,
        "leastUs": total.least_us,
        "mostUs": total.most_us,
        "bytes": total.bytes,
        "refused": {
            code: [each.times, each.first_ms, each.last_ms, each.sample, each.status]
            for code, each in total.refused.items()
        },
        "durations": total.durations.packed(),
    }
    if total.callers is not None:
        item["callers"] = total.callers.packed()
    if total.runs.times:
        item["runs"] = list(astuple(total.runs))
    return item


def _aggregate(item: Item) -> Aggregate:
    if not item:
        return Aggregate()
    return Aggregate(
        statuses=Counter({int(status): times for status, times in item["statuses"].items()}),
        hits=item["hits"],
        us=item["us"],
        hit_us=item["hitUs"],
        least_us=item["leastUs"],
        most_us=item["mostUs"],
        bytes=item["bytes"],
        refused={code: Refused(*each) for code, each in item["refused"].items()},
        durations=Quantiles.unpacked(item["durations"]),
        callers=Sketch.unpacked(item["callers"]) if "callers" in item else None,
        runs=Runs(*item.get("runs", ())),
    )
