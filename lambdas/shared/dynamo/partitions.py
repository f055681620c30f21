"""Partitions being emptied, whatever table they are of."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from lambdas.shared.dynamo.batches import sent_again
from lambdas.shared.http.errors import Busy

_PAGE: Final = 250
_BATCH: Final = 25
_TRIES: Final = 8
_FIRST_PAUSE_SECONDS: Final = 0.1

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    keys: list[str]
    next: str | None
    """The key after which there may be more."""


class Partitions:
    """Tables go by short names: a job outlives the deploy that it began under."""

    def __init__(
        self,
        client: Any,
        tables: Mapping[str, str],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._tables = tables
        self._wait = wait

    def pages(
        self, table: str, partition: str, prefix: str = "", owner: str = "", after: str = ""
    ) -> Iterator[Page]:
        """Sort keys, a few hundred at a time; of one owner's things there may be none in a page."""
        query = self._query(table, partition, prefix, owner)
        while True:
            if after:
                query["ExclusiveStartKey"] = {"PK": {"S": partition}, "SK": {"S": after}}
            answer = self._client.query(**query)
            after = answer.get("LastEvaluatedKey", {}).get("SK", {}).get("S", "")
            yield Page([item["SK"]["S"] for item in answer["Items"]], after or None)
            if not after:
                return

    def delete(self, table: str, partition: str, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), _BATCH):
            self._delete(self._tables[table], partition, keys[start : start + _BATCH])

    def shorten(self, table: str, partition: str, key: str, expires_s: int) -> None:
        """What is there no more is left as it is."""
        try:
            self._client.update_item(
                TableName=self._tables[table],
                Key={"PK": {"S": partition}, "SK": {"S": key}},
                UpdateExpression="SET expires = :at",
                ConditionExpression="attribute_exists(PK)",
                ExpressionAttributeValues={":at": {"N": str(expires_s)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def _query(self, table: str, partition: str, prefix: str, owner: str) -> Item:
        query: Item = {
            "TableName": self._tables[table],
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition}},
            "ProjectionExpression": "SK",
            "ConsistentRead": True,
            "Limit": _PAGE,
        }
        if prefix:
            query["KeyConditionExpression"] += " AND begins_with(SK, :prefix)"
            query["ExpressionAttributeValues"][":prefix"] = {"S": prefix}
        if owner:
            query["FilterExpression"] = "#owner = :owner"
            query["ExpressionAttributeNames"] = {"#owner": "owner"}
            query["ExpressionAttributeValues"][":owner"] = {"S": owner}
        return query

    def _delete(self, table: str, partition: str, keys: Sequence[str]) -> None:
        requests = [
            {"DeleteRequest": {"Key": {"PK": {"S": partition}, "SK": {"S": key}}}} for key in keys
        ]
        left = sent_again(
            requests,
            partial(self._try, table),
            tries=_TRIES,
            first_pause_s=_FIRST_PAUSE_SECONDS,
            wait=self._wait,
        )
        if left:
            raise Busy

    def _try(self, table: str, requests: list[Item]) -> list[Item]:
        """Those that were not carried out."""
        answer = self._client.batch_write_item(RequestItems={table: requests})
        left: list[Item] = answer["UnprocessedItems"].get(table, [])
        return left
