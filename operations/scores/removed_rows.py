"""Rows that a ban removed, kept for 30 days so that the ban can be undone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from lambdas.shared.dynamo.items import Item, packed, unpacked
from lambdas.shared.values.clock import iso
from operations.scores.operator_table import Row, row_in

KEPT_DAYS: Final = 30
_DAY_S: Final = 86_400


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
        """Written before the rows are deleted, so that none is lost to a crash in between.

        Keeps one row for each board: a row on the board is better than one in its reserve.
        """
        best = {row.board: row for row in sorted(rows, key=lambda row: not row.in_reserve)}
        for row in best.values():
            self._client.put_item(
                TableName=self._table_name,
                Item=packed(
                    {
                        "PK": _partition(row.user_id),
                        "SK": f"{iso(now_ms)}#{row.board}",
                        "row": row.item,
                        "expires": now_ms // 1000 + KEPT_DAYS * _DAY_S,
                    }
                ),
            )

    def of(self, user_id: str) -> Iterator[Removed]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues=packed({":pk": _partition(user_id)}),
            ConsistentRead=True,
        )
        for item in (unpacked(item) for page in pages for item in page["Items"]):
            at = str(item["SK"]).partition("#")[0]
            yield Removed(at, row_in(item["row"]), {"PK": item["PK"], "SK": item["SK"]})

    def forget(self, removed: Removed) -> None:
        self._client.delete_item(TableName=self._table_name, Key=packed(removed.key))


def _partition(user_id: str) -> str:
    return f"UNDO#{user_id}"
