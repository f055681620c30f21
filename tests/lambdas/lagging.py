"""A DynamoDB client whose eventually consistent reads miss every write of the test.

DynamoDB promises no more for them: only a consistent read is sure to see what was written before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def lagging(client: Any, *tables: str) -> Iterator[Any]:
    """The client as it is, but for such reads, which see these tables as they are now."""
    copies = {table: f"{table}-as-it-was" for table in tables}
    for table, copy in copies.items():
        _copy(client, table, copy)
    try:
        yield _Lagging(client, copies)
    finally:
        for copy in copies.values():
            client.delete_table(TableName=copy)


def _copy(client: Any, table: str, copy: str) -> None:
    described = client.describe_table(TableName=table)["Table"]
    client.create_table(
        TableName=copy,
        KeySchema=described["KeySchema"],
        AttributeDefinitions=described["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
    )
    for page in client.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            client.put_item(TableName=copy, Item=item)


class _Lagging:
    def __init__(self, client: Any, copies: dict[str, str]) -> None:
        self._client = client
        self._copies = copies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_item(self, **request: Any) -> Any:
        return self._client.get_item(**self._seen(request))

    def query(self, **request: Any) -> Any:
        return self._client.query(**self._seen(request))

    def batch_get_item(self, **request: Any) -> Any:
        [(table, asked)] = request["RequestItems"].items()
        seen = self._seen({"TableName": table, **asked})["TableName"]
        answer = self._client.batch_get_item(**request | {"RequestItems": {seen: asked}})
        for part in ("Responses", "UnprocessedKeys"):
            if seen in answer[part]:
                answer[part][table] = answer[part].pop(seen)
        return answer

    def _seen(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("ConsistentRead"):
            return request
        return request | {"TableName": self._copies[request["TableName"]]}
