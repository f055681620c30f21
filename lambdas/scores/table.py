"""How the ScoreTable stores boards: one partition per board, one row per player.

The same partition holds the board's reserve: rows that fell off it, each kept for 30 days.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lambdas.scores.errors import BoardTooLarge
from lambdas.scores.play_table import PlayTable
from lambdas.scores.rules import Entry
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed
from lambdas.shared.http.errors import Busy
from lambdas.shared.values.clock import from_iso
from lambdas.shared.values.wire import LARGEST_INTEGER

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from types_boto3_dynamodb import DynamoDBClient

_PLAYER: Final = "U#"
_RESERVE: Final = "R#"
RESERVE_DAYS: Final = 30
"""How long the reserve keeps what fell off a board."""
_FIELDS: Final = "SK,rk,score,timeMs,userName,updatedAt,play,moved,hiddenAt"
_MOST_PAGES: Final = 3
"""A page is a megabyte; a board at its top N is a small part of one."""
_PUT_TRIES: Final = 3
_MOST_REPORTED: Final = 5
"""Per page: an import may have left a whole board unreadable."""


class UnreadableRow(Exception):
    """A row that is no entry, such as one that was imported by hand."""

    def __init__(self, item: Item, problem: str) -> None:
        self.row = str(item["SK"])
        self.problem = problem
        super().__init__(f"{self.row}: {problem}")


Report = Callable[[str, UnreadableRow], object]
"""Takes a board and a row of it that is no entry. The board is read without the row."""


def logged(logger: "Logger") -> Report:
    return lambda board, row: logger.warning(
        "unreadable row", board=board, row=row.row, problem=row.problem
    )


class Expression(NamedTuple):
    """An expression of DynamoDB, with its values and names."""

    text: str
    values: Item
    names: Mapping[str, str] = MappingProxyType({})

    def parameters(self) -> dict[str, Any]:
        """Leaves out empty ones, which DynamoDB refuses."""
        given = {
            "ExpressionAttributeNames": self.names,
            "ExpressionAttributeValues": self.values,
        }
        return {name: value for name, value in given.items() if value}


class Page(NamedTuple):
    """One page of a board."""

    entries: list[Entry]
    unreadable: list[UnreadableRow]
    is_last: bool


class ScoreTable(PlayTable):
    def __init__(
        self,
        client: "DynamoDBClient",
        name: str,
        *,
        on_unreadable: Report = lambda _board, _row: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(client, name, clock)
        self._on_unreadable = on_unreadable

    def rows(self, key: str, *, consistent: bool = False) -> list[Entry]:
        """Reads the whole board, which takes one small Query while it is kept at its top N."""
        rows: list[Entry] = []
        for count, page in enumerate(self.pages(key, consistent=consistent), 1):
            rows += page.entries
            for row in page.unreadable[:_MOST_REPORTED]:
                self._on_unreadable(key, row)
            if count == _MOST_PAGES and not page.is_last:
                raise BoardTooLarge
        return rows

    def pages(self, key: str, *, consistent: bool = False) -> Iterator[Page]:
        yield from self._entries(key, _PLAYER, consistent=consistent)

    def reserve(self, key: str) -> Iterator[Page]:
        """Entries that fell off the board and may be promoted to it again."""
        yield from self._entries(key, _RESERVE, consistent=True)

    def _entries(self, key: str, kind: str, *, consistent: bool) -> Iterator[Page]:
        for items, is_last in self._items(
            key, kind, consistent=consistent, ProjectionExpression=_FIELDS
        ):
            yield _page(items, is_last=is_last)

    def put(
        self, key: str, entry: Entry, meta: str | None, *, instead_of: Entry | None = None
    ) -> Entry | None:
        """Writes the entry unless the player's stored one is as good, or is of the same play.

        Returns the stored entry where it stays. A hidden entry stays hidden. Rank keys of
        different orders do not compare, so the caller names a row of a former order: it is
        replaced if nobody has replaced it since.
        """
        condition = _better_than_stored(entry, instead_of)
        for _ in range(_PUT_TRIES):
            stored = self._set(row_key(key, entry.user_id), written(entry, meta), condition)
            if stored is None:
                return None
            try:
                return entry_in(stored)
            except UnreadableRow as unreadable:
                self._on_unreadable(key, unreadable)
                condition = still(stored)
        raise Busy

    def evict(self, key: str, entry: Entry) -> bool:
        """Deletes the row unless it has changed since it was read, or was hidden."""
        unchanged = _unchanged(entry)
        shown = f"{unchanged.text} AND attribute_not_exists(hiddenAt)"
        return self._drop(row_key(key, entry.user_id), Expression(shown, unchanged.values))

    def retire(self, key: str, entry: Entry) -> bool:
        """Moves the row to the reserve unless it has changed since it was read, or was hidden.

        The copy is written first: after a crash in between, the row is in both, and on the board.
        """
        item = self._get(row_key(key, entry.user_id), consistent=True)
        if item is None or "hiddenAt" in item or item.get("rk", "") != _stored_rk(entry):
            return False
        self._keep(item | reserve_key(key, entry.user_id) | {"rk": entry.rk})
        return self.evict(key, entry)

    def _keep(self, item: Item) -> None:
        """Writes it to the reserve, unless the player has a better row there."""
        expires = int(self._clock()) + RESERVE_DAYS * 24 * 3600
        try:
            self._put(
                item | {"expires": expires},
                ConditionExpression=(
                    "attribute_not_exists(SK) OR (attribute_not_exists(hiddenAt)"
                    " AND (rk >= :rk OR NOT begins_with(rk, :order)))"
                ),
                ExpressionAttributeValues={":rk": item["rk"], ":order": item["rk"][:2]},
            )
        except ConditionFailed:
            return

    def promote(self, key: str, entry: Entry) -> bool:
        """Moves the row from the reserve to the board, unless its player has a row there."""
        reserved = reserve_key(key, entry.user_id)
        item = self._get(reserved, consistent=True)
        if item is None or "hiddenAt" in item or item.get("rk", "") != _stored_rk(entry):
            return False
        row = item | row_key(key, entry.user_id) | {"rk": entry.rk}
        del row["expires"]
        try:
            self._put(row, ConditionExpression="attribute_not_exists(SK)")
        except ConditionFailed:
            return False
        self._drop(reserved, _unchanged(entry))
        return True

    def rerank(self, key: str, entry: Entry) -> None:
        """Writes the rank key of a changed order, unless the row has changed meanwhile."""
        new = Expression("SET rk = :new", {":new": entry.rk})
        self._set(row_key(key, entry.user_id), new, _unchanged(entry))

    def _items(
        self, key: str, kind: str = "", *, consistent: bool, **more: Any
    ) -> Iterator[tuple[list[Item], bool]]:
        """Yields the items of each page, and whether it is the last; without a kind, all items."""
        of_kind = {":kind": kind} if kind else {}
        query = {
            "KeyConditionExpression": "PK = :pk" + (" AND begins_with(SK, :kind)" if kind else ""),
            "ExpressionAttributeValues": {":pk": key, **of_kind},
            "ConsistentRead": consistent,
            **more,
        }
        for found in self._pages(query):
            yield found.items, found.last_key is None

    def _set(self, row: Item, update: Expression, condition: Expression) -> Item | None:
        """Returns None when written, else the stored row."""
        names = {**update.names, **condition.names}
        both = Expression("", update.values | condition.values, names)
        try:
            self._update(
                row,
                UpdateExpression=update.text,
                ConditionExpression=condition.text,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **both.parameters(),
            )
        except ConditionFailed as failed:
            return failed.item
        return None

    def _drop(self, row: Item, condition: Expression) -> bool:
        try:
            self._delete(row, ConditionExpression=condition.text, **condition.parameters())
        except ConditionFailed:
            return False
        return True


def board_key(game_id: str, period_id: str) -> str:
    return f"G#{game_id}#P#{period_id}"


def board_of(key: str) -> tuple[str, str]:
    """The ids of game and period."""
    _, game_id, _, period_id = key.split("#")
    return game_id, period_id


def row_key(board: str, user_id: str) -> Item:
    return {"PK": board, "SK": f"{_PLAYER}{user_id}"}


def reserve_key(board: str, user_id: str) -> Item:
    return {"PK": board, "SK": f"{_RESERVE}{user_id}"}


def is_reserve(item: Item) -> bool:
    return str(item["SK"]).startswith(_RESERVE)


def attributes_of(entry: Entry, meta: str | None = None) -> Item:
    """The row without its keys."""
    attributes: Item = {
        "score": entry.score,
        "timeMs": entry.time_ms,
        "userName": entry.user_name,
        "updatedAt": entry.updated_at,
        "rk": entry.rk,
        "play": entry.play,
        "moved": entry.moved,
    }
    if meta is not None:
        attributes["meta"] = meta
    if entry.hidden_at is not None:
        attributes["hiddenAt"] = entry.hidden_at
    return attributes


def entry_in(item: Item) -> Entry:
    return Entry(
        user_id=_user_id(item),
        user_name=_text(item, "userName"),
        score=_integer(item, "score"),
        time_ms=_integer(item, "timeMs"),
        updated_at=_moment(item, "updatedAt"),
        # An imported row may lack the play, and the rank key, which can be made.
        rk=_text(item, "rk") if "rk" in item else "",
        play=_text(item, "play") if "play" in item else "",
        moved=item.get("moved") is True,
        hidden_at=_text(item, "hiddenAt") if "hiddenAt" in item else None,
    )


def _page(items: list[Item], *, is_last: bool) -> Page:
    page = Page([], [], is_last)
    for item in items:
        try:
            page.entries.append(entry_in(item))
        except UnreadableRow as row:
            page.unreadable.append(row)
    return page


def _user_id(item: Item) -> str:
    sort_key = str(item["SK"])
    if not sort_key.startswith((_PLAYER, _RESERVE)):
        raise UnreadableRow(item, f"not a player's row: its SK does not begin with {_PLAYER}")
    return sort_key[len(_PLAYER) :]


def _text(item: Item, name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str):
        raise _unlike(item, name, "a string")
    return value


def _integer(item: Item, name: str) -> int:
    value = item.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unlike(item, name, "a whole number")
    if abs(value) > LARGEST_INTEGER:
        raise UnreadableRow(item, f"{name} is beyond ±{LARGEST_INTEGER}")
    return value


def _moment(item: Item, name: str) -> str:
    text = _text(item, name)
    try:
        from_iso(text)
    except (ValueError, TypeError):
        # Without a time zone it is no moment.
        raise _unlike(item, name, "a moment such as 2026-11-21T12:00:00.000Z") from None
    return text


def _unlike(item: Item, name: str, kind: str) -> UnreadableRow:
    return UnreadableRow(item, f"{name} is not {kind}" if name in item else f"{name} is missing")


def written(entry: Entry, meta: str | None) -> Expression:
    """Sets the entry's attributes one by one, so that the operator's attributes stay."""
    attributes = attributes_of(entry, meta)
    setting = ", ".join(f"{name} = :{name}" for name in attributes)
    removing = " REMOVE meta" if meta is None else ""
    return Expression(
        f"SET {setting}{removing}", {f":{name}": value for name, value in attributes.items()}
    )


def still(item: Item) -> Expression:
    """Holds while the row is as it was read, whatever it holds."""
    clauses, values = ["attribute_exists(SK)"], {}
    names = {f"#{name}": name for name in _FIELDS.split(",") if name != "SK"}
    for alias, name in names.items():
        if name in item:
            clauses.append(f"{alias} = :was_{name}")
            values[f":was_{name}"] = item[name]
        else:
            clauses.append(f"attribute_not_exists({alias})")
    return Expression(" AND ".join(clauses), values, names)


def _better_than_stored(entry: Entry, instead_of: Entry | None) -> Expression:
    play = {":same": f"{entry.play.partition('.')[0]}."}
    if instead_of is not None and instead_of.stored_rk is not None:
        better = _unchanged(instead_of)
    else:
        better = Expression(":rk < rk", {})
    return Expression(
        f"attribute_not_exists(SK) OR ({better.text} AND NOT begins_with(play, :same))",
        better.values | play,
    )


def _stored_rk(entry: Entry) -> str:
    return entry.rk if entry.stored_rk is None else entry.stored_rk


def _unchanged(entry: Entry) -> Expression:
    stored = _stored_rk(entry)
    if not stored:
        return Expression("attribute_not_exists(rk)", {})
    return Expression("rk = :read", {":read": stored})
