"""The score table as an operator reads and changes it, row by row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from lambdas.scores.ledger_table import TURN, ledger_key
from lambdas.scores.rules import Entry, Order, in_order, order_tag
from lambdas.scores.table import (
    Expression,
    ScoreTable,
    UnreadableRow,
    attributes_of,
    entry_in,
    is_reserve,
    reserve_key,
    row_key,
    still,
    written,
)
from lambdas.shared.dynamo.items import Item, packed, unpacked
from lambdas.shared.http.errors import Busy

_MOST_KEYS: Final = 100
"""BatchGetItem takes 100 keys."""
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Row:
    board: str
    item: Item
    entry: Entry | None
    problem: str | None
    """Why the row is no entry."""

    @property
    def name(self) -> str:
        return str(self.item["SK"])

    @property
    def key(self) -> Item:
        return {"PK": self.item["PK"], "SK": self.item["SK"]}

    @property
    def in_reserve(self) -> bool:
        return is_reserve(self.item)

    @property
    def user_id(self) -> str:
        return self.name.removeprefix("R#" if self.in_reserve else "U#")

    @property
    def meta(self) -> str | None:
        meta = self.item.get("meta")
        return meta if isinstance(meta, str) else None


def _as_good(row: Row, order: Order, entry: Entry) -> bool:
    if row.entry is None:
        return False
    [standing] = in_order(order, [row.entry])
    return standing.rk <= entry.rk


def row_in(item: Item) -> Row:
    board = item["PK"]
    try:
        return Row(board, item, entry_in(item), None)
    except UnreadableRow as unreadable:
        return Row(board, item, None, unreadable.problem)


class OperatorTable(ScoreTable):
    def row(self, board: str, user_id: str) -> Row | None:
        item = self._get(row_key(board, user_id), consistent=True)
        return None if item is None else row_in(item)

    def rows_of(self, boards: Iterable[str], user_id: str) -> Iterator[Row]:
        """The player's rows on these boards. Each board costs a read unit."""
        yield from self._rows_at(row_key(board, user_id) for board in boards)

    def reserved_of(self, boards: Iterable[str], user_id: str) -> Iterator[Row]:
        """The player's rows in the reserves of these boards. Each board costs a read unit."""
        yield from self._rows_at(reserve_key(board, user_id) for board in boards)

    def _rows_at(self, found: Iterable[Item]) -> Iterator[Row]:
        keys: list[Any] = [packed(key) for key in found]
        while keys:
            asked, keys = keys[:_MOST_KEYS], keys[_MOST_KEYS:]
            answer = self._client.batch_get_item(
                RequestItems={self._name: {"Keys": asked, "ConsistentRead": True}}
            )
            unread = answer["UnprocessedKeys"].get(self._name)
            keys += unread["Keys"] if unread else []
            yield from map(row_in, map(unpacked, answer["Responses"].get(self._name, ())))

    def whole_rows(self, board: str) -> Iterator[Row]:
        """All rows of a board but its reserve, one page in memory at a time."""
        return (row for row in self.partition(board) if not row.in_reserve)

    def partition(self, board: str) -> Iterator[Row]:
        """All rows of a board and of its reserve."""
        for items, _ in self._items(board, consistent=True):
            yield from map(row_in, items)

    def hide(self, row: Row, at: str) -> bool:
        """Hides the row, even if its player has changed it since it was read."""
        return self._change(row, Expression("SET hiddenAt = :at", {":at": at}))

    def unhide(self, row: Row) -> bool:
        return self._change(row, Expression("REMOVE hiddenAt", {}))

    def rename(self, row: Row, name: str) -> bool:
        return self._change(row, Expression("SET userName = :name", {":name": name}))

    def _change(self, row: Row, update: Expression) -> bool:
        return self._set(row.key, update, Expression("attribute_exists(SK)", {})) is None

    def delete(self, row: Row) -> bool:
        """Deletes the row unless it has changed since it was read."""
        return self._drop(row.key, still(row.item))

    def forget_reserved(self, board: str, user_id: str) -> None:
        """Deletes the player's row in the reserve, so that it is not promoted."""
        self._delete(reserve_key(board, user_id))

    def bring(self, board: str, order: Order, entry: Entry, meta: str | None) -> bool:
        """Writes an imported entry unless the player's present one is as good.

        A hidden entry stays hidden. An entry of another order is compared in this order.
        """
        condition = Expression(
            "attribute_not_exists(SK) OR (begins_with(rk, :tag) AND :rk < rk)",
            {":tag": order_tag(order)},
        )
        for _ in range(_TRIES):
            standing = self._set(row_key(board, entry.user_id), written(entry, meta), condition)
            if standing is None:
                return True
            if _as_good(row_in(standing), order, entry):
                return False
            condition = still(standing)
        raise Busy

    def replace(self, board: str, entry: Entry, meta: str | None) -> bool:
        """Writes an imported entry over the player's present one."""
        item = row_key(board, entry.user_id) | attributes_of(entry, meta)
        self._put(item)
        return True

    def invalidations(self, month: str) -> tuple[int, dict[str, int]]:
        """How many are spent, and when each game had its last one."""
        ledger = self._get(ledger_key(month), consistent=False) or {}
        turns = {
            name.removeprefix(TURN): int(value)
            for name, value in ledger.items()
            if name.startswith(TURN)
        }
        return int(ledger.get("spent", 0)), turns
