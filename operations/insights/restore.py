"""Puts items of a restored table back into the table in use."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.capabilities import insights
from config.environments import Environment
from config.manifest import Table
from config.manifests import enabled

Item = dict[str, Any]


@dataclass(slots=True)
class Restored:
    items: int = 0
    kept: int = 0
    """Items that the table in use has, in whatever version."""
    expired: int = 0


def tables(environment: Environment) -> dict[str, Table]:
    """By id: the tables of the stack that outlive it."""
    return {
        table.id: table
        for capability in enabled(environment)
        for table in capability.tables
        if capability.stack == insights.CAPABILITY.stack and table.precious
    }


def put_back(
    client: Any, source: str, target: str, *, only: str = "", dry: bool = False
) -> Restored:
    """Repeatable: an item that is there stays as it is, so a second call does nothing."""
    done, now_s = Restored(), int(time.time())
    for item in _items(client, source):
        if not item["PK"]["S"].startswith(only):
            continue
        if int(item.get("expires", {}).get("N", now_s + 1)) <= now_s:
            done.expired += 1
        elif _put(client, target, item, dry=dry):
            done.items += 1
        else:
            done.kept += 1
    return done


def _items(client: Any, table: str) -> Iterator[Item]:
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def _put(client: Any, table: str, item: Item, *, dry: bool) -> bool:
    if dry:
        key = {name: item[name] for name in ("PK", "SK")}
        return "Item" not in client.get_item(TableName=table, Key=key, ConsistentRead=True)
    try:
        client.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(PK)")
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True
