"""Rows that a ban removed, kept for 30 days so that the ban can be undone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from lambdas.scores.periods import iso
from operations.scores.operator_table import Row, row_in

KEPT_DAYS: Final = 30
_DAY_S: Final = 86_400

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Removed:
    at: str
    """When it was removed."""
    row: Row
    key: Item


class RemovedRows:
    """In the score table: PK = UNDO#{userId}, SK = {removed at}#{board}, with a time to live."""

    def __init__(self, client: Any, table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def keep(self, rows: Iterable[Row], now_ms: int) -> None:
        """Written before the rows are deleted, so that none is lost to a crash in between."""
        for row in rows:
            self._client.put_item(
                TableName=self._table_name,
                Item={
                    "PK": _partition(row.user_id),
                    "SK": {"S": f"{iso(now_ms)}#{row.board}"},
                    "row": {"M": row.item},
                    "expires": {"N": str(now_ms // 1000 + KEPT_DAYS * _DAY_S)},
                },
            )

    def of(self, user_id: str) -> Iterator[Removed]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": _partition(user_id)},
            ConsistentRead=True,
        )
        for item in (item for page in pages for item in page["Items"]):
            at = item["SK"]["S"].partition("#")[0]
            yield Removed(at, row_in(item["row"]["M"]), {"PK": item["PK"], "SK": item["SK"]})

    def forget(self, removed: Removed) -> None:
        self._client.delete_item(TableName=self._table_name, Key=removed.key)


def _partition(user_id: str) -> Item:
    return {"S": f"UNDO#{user_id}"}
