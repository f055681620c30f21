"""How the InsightsTable stores groups of failures."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from lambdas.insights.failures import Failure, Group
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_KEPT_S: Final = 90 * 86_400
"""After the newest failure."""
_TRIES: Final = 20


class ContendedError(Exception):
    """Other writers were faster on every try. Lambda delivers the batch again."""


class FailureTable(MeteredTable):
    def __init__(
        self, client: "DynamoDBClient", name: str, wait: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(client, name)
        self._wait = wait

    def add(self, failures: Sequence[Failure], mark: str) -> bool:
        """Adds equal failures of one batch to their group. False where they were added before."""
        first = failures[0]
        key = {"PK": f"E#{first.fn}", "SK": f"{first.code}#{first.fingerprint}"}
        for attempt in range(1, _TRIES + 1):
            item = self._get(key, consistent=True)
            group = Group(first.fn, first.code, first.fingerprint) if item is None else _group(item)
            if not group.add(list(failures), mark):
                return False
            version = 0 if item is None else item["version"]
            if self._replace({**key, **_attributes(group, version + 1)}, version):
                return True
            self._wait(random.uniform(0, 0.02) * attempt)
        raise ContendedError(f"{first.fn}, {first.code}: {_TRIES} tries met another writer")

    def groups(self, fn: str) -> Iterator[Group]:
        query = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": f"E#{fn}"},
        }
        for page in self._pages(query):
            yield from map(_group, page.items)

    def _replace(self, item: Item, version: int) -> bool:
        try:
            self._put(
                item,
                ConditionExpression="attribute_not_exists(PK) OR version = :version",
                ExpressionAttributeValues={":version": version},
            )
        except ConditionFailed:
            return False
        return True


def _attributes(group: Group, version: int) -> Item:
    return {
        "v": 1,
        "version": version,
        "times": group.times,
        "firstMs": group.first_ms,
        "lastMs": group.last_ms,
        "sample": None if group.sample is None else asdict(group.sample),
        "seen": group.seen,
        "expires": group.last_ms // 1000 + _KEPT_S,
    }


def _group(item: Item) -> Group:
    code, _, fingerprint = item["SK"].rpartition("#")
    return Group(
        fn=item["PK"].removeprefix("E#"),
        code=code,
        fingerprint=fingerprint,
        times=item["times"],
        first_ms=item["firstMs"],
        last_ms=item["lastMs"],
        sample=None if item["sample"] is None else Failure(**item["sample"]),
        seen=item["seen"],
    )
