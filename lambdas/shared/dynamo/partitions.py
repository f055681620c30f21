"""Lists, deletes and shortens the items of a partition, in any of several tables."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from lambdas.shared.dynamo.batches import sent_again
from lambdas.shared.dynamo.items import Item, packed, request_of, unpacked
from lambdas.shared.http.errors import Busy

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_PAGE: Final = 250
_BATCH: Final = 25
_TRIES: Final = 8
_FIRST_PAUSE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a partition's sort keys."""

    keys: list[str]
    next: str | None
    """The sort key after which there may be more."""


class Partitions:
    """Names tables by short names: a job outlives the deploy that it began under."""

    def __init__(
        self,
        client: "DynamoDBClient",
        tables: Mapping[str, str],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._tables = tables
        self._wait = wait

    def pages(
        self, table: str, partition: str, prefix: str = "", owner: str = "", after: str = ""
    ) -> Iterator[Page]:
        """Yields sort keys page by page. With an owner, a page may hold none."""
        query = self._query(table, partition, prefix, owner)
        while True:
            if after:
                query["ExclusiveStartKey"] = _key(partition, after)
            answer = self._client.query(**request_of(query))
            after = unpacked(answer.get("LastEvaluatedKey", {})).get("SK", "")
            yield Page([unpacked(item)["SK"] for item in answer["Items"]], after or None)
            if not after:
                return

    def delete(self, table: str, partition: str, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), _BATCH):
            self._delete(self._tables[table], partition, keys[start : start + _BATCH])

    def shorten(self, table: str, partition: str, key: str, expires_s: int) -> None:
        """Sets when the item expires. Does nothing where the item is gone."""
        try:
            self._client.update_item(
                TableName=self._tables[table],
                Key=packed(_key(partition, key)),
                UpdateExpression="SET expires = :at",
                ConditionExpression="attribute_exists(PK)",
                ExpressionAttributeValues=packed({":at": expires_s}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def _query(self, table: str, partition: str, prefix: str, owner: str) -> Item:
        query: Item = {
            "TableName": self._tables[table],
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": partition},
            "ProjectionExpression": "SK",
            "ConsistentRead": True,
            "Limit": _PAGE,
        }
        if prefix:
            query["KeyConditionExpression"] += " AND begins_with(SK, :prefix)"
            query["ExpressionAttributeValues"][":prefix"] = prefix
        if owner:
            query["FilterExpression"] = "#owner = :owner"
            query["ExpressionAttributeNames"] = {"#owner": "owner"}
            query["ExpressionAttributeValues"][":owner"] = owner
        return query

    def _delete(self, table: str, partition: str, keys: Sequence[str]) -> None:
        requests = [{"DeleteRequest": {"Key": packed(_key(partition, key))}} for key in keys]
        left = sent_again(
            requests,
            partial(self._try, table),
            tries=_TRIES,
            first_pause_s=_FIRST_PAUSE_SECONDS,
            wait=self._wait,
        )
        if left:
            raise Busy

    def _try(self, table: str, requests: list[Any]) -> list[Any]:
        """Returns the requests that were not carried out."""
        answer = self._client.batch_write_item(RequestItems={table: requests})
        return list(answer["UnprocessedItems"].get(table, []))


def _key(partition: str, key: str) -> Item:
    return {"PK": partition, "SK": key}
