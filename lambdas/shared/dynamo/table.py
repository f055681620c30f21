"""A table whose calls take and return plain items, and are counted as DynamoDB bills them."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from lambdas.shared.dynamo.items import Item, request_of, unpacked
from lambdas.shared.dynamo.transactions import Write, write_together
from lambdas.shared.dynamo.units import Spent

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class ConditionFailed(Exception):
    """The condition of a write did not hold. DynamoDB bills a write unit for it."""

    def __init__(self, item: Item) -> None:
        super().__init__("the condition of a write did not hold")
        self.item = item
        """The stored item; empty where there is none, or the write did not ask for it."""


class Found(NamedTuple):
    """One page of a query."""

    items: list[Item]
    last_key: Item | None
    """The key after which the query continues; None at the end."""


class MeteredTable:
    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client = client
        self._name = name
        self.spent = Spent()

    def _get(self, key: Item, *, consistent: bool) -> Item | None:
        answer = self._client.get_item(
            **request_of({"Key": key}),
            TableName=self._name,
            ReturnConsumedCapacity="TOTAL",
            ConsistentRead=consistent,
        )
        self.spent.read(answer)
        return unpacked(answer["Item"]) if "Item" in answer else None

    def _query(self, query: Mapping[str, Any]) -> Found:
        answer = self._client.query(
            **request_of(query), TableName=self._name, ReturnConsumedCapacity="TOTAL"
        )
        self.spent.read(answer)
        last_key = answer.get("LastEvaluatedKey")
        return Found(
            [unpacked(item) for item in answer["Items"]],
            None if last_key is None else unpacked(last_key),
        )

    def _pages(self, query: Mapping[str, Any]) -> Iterator[Found]:
        start: Item = {}
        while True:
            found = self._query({**query, **start})
            yield found
            if found.last_key is None:
                return
            start = {"ExclusiveStartKey": found.last_key}

    def _put(self, item: Item, **request: Any) -> None:
        self._write(self._client.put_item, Item=item, **request)

    def _update(self, key: Item, **request: Any) -> Item:
        """The attributes that ReturnValues asks for."""
        return self._write(self._client.update_item, Key=key, **request)

    def _delete(self, key: Item, **request: Any) -> None:
        self._write(self._client.delete_item, Key=key, **request)

    def _together(self, *writes: Write) -> int | None:
        """The index of the first write whose condition did not hold; None where all succeeded."""
        return write_together(self._client, self.spent, writes)

    def _write(self, write: Callable[..., Any], **request: Any) -> Item:
        try:
            answer = write(
                **request_of(request), TableName=self._name, ReturnConsumedCapacity="TOTAL"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            self.spent.writes += 1
            stored: Any = error.response.get("Item", {})
            raise ConditionFailed(unpacked(stored)) from None
        self.spent.wrote(answer)
        return unpacked(answer.get("Attributes", {}))
