"""A table whose calls are counted as DynamoDB bills them."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from lambdas.shared.dynamo.transactions import write_together
from lambdas.shared.dynamo.units import Spent

Item = dict[str, Any]


class ConditionFailed(Exception):
    """The condition of a write did not hold. DynamoDB bills a write unit for it."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("the condition of a write did not hold")
        self.item = item
        """The stored item, where the write asked for it."""


class MeteredTable:
    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name
        self.spent = Spent()

    def _get(self, key: Item, *, consistent: bool) -> Item | None:
        answer = self._client.get_item(
            TableName=self._name,
            Key=key,
            ReturnConsumedCapacity="TOTAL",
            **({"ConsistentRead": True} if consistent else {}),
        )
        self.spent.read(answer)
        item: Item | None = answer.get("Item")
        return item

    def _query(self, query: Item) -> Item:
        """One page."""
        answer: Item = self._client.query(
            TableName=self._name, ReturnConsumedCapacity="TOTAL", **query
        )
        self.spent.read(answer)
        return answer

    def _pages(self, query: Item) -> Iterator[Item]:
        start: Item = {}
        while True:
            answer = self._query(query | start)
            yield answer
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _put(self, item: Item, **request: Any) -> Item:
        return self._write(self._client.put_item, Item=item, **request)

    def _update(self, key: Item, **request: Any) -> Item:
        return self._write(self._client.update_item, Key=key, **request)

    def _delete(self, key: Item, **request: Any) -> Item:
        return self._write(self._client.delete_item, Key=key, **request)

    def _together(self, *writes: Item) -> int | None:
        """The place of the first write whose condition did not hold; None where all was written."""
        return write_together(self._client, self.spent, writes)

    def _write(self, write: Any, **request: Any) -> Item:
        try:
            answer: Item = write(TableName=self._name, ReturnConsumedCapacity="TOTAL", **request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            self.spent.writes += 1
            raise ConditionFailed(error.response.get("Item")) from None
        self.spent.wrote(answer)
        return answer
