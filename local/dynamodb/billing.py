"""Read units of a partition, by DynamoDB's published rules.

The emulator counts half a unit for every eventually consistent Query, whatever its size.
"""

from decimal import Decimal
from math import ceil
from typing import Any

Item = dict[str, Any]


def query_units(client: Any, table: str, key: str, prefix: str = "U#") -> float:
    """Read units of an eventually consistent Query over sort keys of a partition."""
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="PK = :pk AND begins_with(SK, :prefix)",
        ExpressionAttributeValues={":pk": {"S": key}, ":prefix": {"S": prefix}},
        ConsistentRead=True,
    )
    return units(sum(item_bytes(item) for page in pages for item in page["Items"]))


def units(size: int) -> float:
    return ceil(max(size, 1) / 4096) / 2


def item_bytes(item: Item) -> int:
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Item) -> int:
    [(kind, content)] = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return _number_bytes(content)
    if kind == "BOOL":
        return 1
    if kind == "B":
        return len(content)
    if kind == "M":
        return 3 + sum(
            len(name.encode()) + _value_bytes(each) + 1 for name, each in content.items()
        )
    raise ValueError(f"cannot measure an attribute of type {kind}")


def _number_bytes(text: str) -> int:
    """One byte per two significant digits, one more, and one for a minus sign."""
    number = Decimal(text).normalize()
    digits = len(number.as_tuple().digits)
    return ceil(digits / 2) + 1 + number.is_signed()
