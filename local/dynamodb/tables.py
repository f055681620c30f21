"""Temporary tables for tests and benchmarks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def table_named(client: Any, name: str, *keys: str, **more: Any) -> Iterator[str]:
    """A temporary table with the keys PK and SK, unless others are named."""
    kinds = list(zip(keys or ("PK", "SK"), ("HASH", "RANGE"), strict=False))
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in kinds],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in kinds],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )
    yield name
    client.delete_table(TableName=name)
