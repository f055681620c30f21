"""ScoreTable: the boards as the Lambdas read and write them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from lambdas.scores.errors import BoardTooLarge
from lambdas.scores.rows import Item, UnreadableRow, attributes_of, entry_in, number, row_key
from lambdas.scores.rules import Entry
from lambdas.shared.dynamo.units import Spent
from lambdas.shared.http.errors import Busy

_CONDITION_FAILED: Final = "ConditionalCheckFailedException"
_FIELDS: Final = "SK,rk,score,timeMs,userName,updatedAt,play,moved,hiddenAt"
_LEDGER_DAYS: Final = 62
_MOST_PAGES: Final = 3
"""A megabyte each; a board at its top N is a small part of one."""
_BUDGET_SPENT_MS: Final = 600_000
"""An operator may raise the budget; asking costs a write unit, so ask seldom."""
_PUT_TRIES: Final = 3
_MOST_REPORTED: Final = 5
"""Of a page: a board may have been imported wrongly as a whole."""


def board_key(game_id: str, period_id: str) -> str:
    return f"G#{game_id}#P#{period_id}"


def ledger_key(month: str) -> Item:
    return {"PK": {"S": "INVALIDATIONS"}, "SK": {"S": month}}


TURN: Final = "at#"
"""Before a game's id: when it had its last invalidation of the month."""

Report = Callable[[str, UnreadableRow], object]
"""Told of a board's row that is no entry; the row itself is passed over."""


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    values: Item
    names: dict[str, str] = field(default_factory=dict)

    def parameters(self) -> dict[str, Any]:
        """DynamoDB takes no empty ones."""
        given = {
            "ExpressionAttributeNames": self.names,
            "ExpressionAttributeValues": self.values,
        }
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    unreadable: list[UnreadableRow]
    is_last: bool


class ScoreTable:
    def __init__(
        self, client: Any, name: str, *, on_unreadable: Report = lambda _board, _row: None
    ) -> None:
        self._client = client
        self._name = name
        self._on_unreadable = on_unreadable
        self.spent = Spent()

    def rows(self, key: str, *, consistent: bool = False) -> list[Entry]:
        """The whole board: one small Query while the board is kept at its top N."""
        rows: list[Entry] = []
        for count, page in enumerate(self.pages(key, consistent=consistent), 1):
            rows += page.entries
            for row in page.unreadable[:_MOST_REPORTED]:
                self._on_unreadable(key, row)
            if count == _MOST_PAGES and not page.is_last:
                raise BoardTooLarge
        return rows

    def pages(self, key: str, *, consistent: bool = False) -> Iterator[Page]:
        for items, is_last in self._items(key, consistent=consistent, ProjectionExpression=_FIELDS):
            yield _page(items, is_last=is_last)

    def _items(
        self, key: str, *, consistent: bool, **more: Any
    ) -> Iterator[tuple[list[Item], bool]]:
        query = {
            "TableName": self._name,
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": key}},
            "ConsistentRead": consistent,
            "ReturnConsumedCapacity": "TOTAL",
            **more,
        }
        while True:
            answer = self._client.query(**query)
            self.spent.read(answer)
            last = answer.get("LastEvaluatedKey")
            yield answer["Items"], last is None
            if last is None:
                return
            query["ExclusiveStartKey"] = last

    def put(
        self, key: str, entry: Entry, meta: str | None, *, instead_of: Entry | None = None
    ) -> Entry | None:
        """Writes unless the player's entry is as good already, or is of the same play.

        Then that entry is returned. A hidden entry stays hidden. Rank keys of different orders do
        not compare, so a row of a former order is named: it is replaced as long as nobody else has.
        """
        condition = _better_than_what_stands(entry, instead_of)
        for _ in range(_PUT_TRIES):
            row = row_key(key, entry.user_id)
            standing = self._update(row, written(entry, meta), condition)
            if standing is None:
                return None
            try:
                return entry_in(standing)
            except UnreadableRow as unreadable:
                self._on_unreadable(key, unreadable)
                condition = still(standing)
        raise Busy

    def evict(self, key: str, entry: Entry) -> bool:
        """Deletes the row unless it has changed since it was read, or was hidden."""
        unchanged = _unchanged(entry)
        shown = f"{unchanged.text} AND attribute_not_exists(hiddenAt)"
        return self._delete(row_key(key, entry.user_id), Expression(shown, unchanged.values))

    def rerank(self, key: str, entry: Entry) -> None:
        """Writes the rank key of a changed order, unless the row has changed meanwhile."""
        new = Expression("SET rk = :new", {":new": {"S": entry.rk}})
        self._update(row_key(key, entry.user_id), new, _unchanged(entry))

    def _delete(self, row: Item, condition: Expression) -> bool:
        try:
            answer = self._client.delete_item(
                TableName=self._name,
                Key=row,
                ConditionExpression=condition.text,
                ReturnConsumedCapacity="TOTAL",
                **condition.parameters(),
            )
        except ClientError as error:
            self._lost(error)
            return False
        self._count_write(answer)
        return True

    def _update(self, row: Item, update: Expression, condition: Expression) -> Item | None:
        """None when written, else the row that stands there."""
        both = Expression("", update.values | condition.values, update.names | condition.names)
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=row,
                UpdateExpression=update.text,
                ConditionExpression=condition.text,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                ReturnConsumedCapacity="TOTAL",
                **both.parameters(),
            )
        except ClientError as error:
            self._lost(error)
            standing: Item = error.response.get("Item", {})
            return standing
        self._count_write(answer)
        return None

    def claim_invalidation(
        self, game_id: str, *, month: str, now_ms: int, window_ms: int, budget: int
    ) -> int | None:
        """Takes the game's turn in this window out of the month's budget, in one write.

        None when taken, else the moment before which asking again is no use.
        """
        turn = f"{TURN}{game_id}"
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=ledger_key(month),
                UpdateExpression="SET #turn = :now, expires = :expires ADD spent :one",
                ConditionExpression=(
                    "(attribute_not_exists(#turn) OR #turn <= :before)"
                    " AND (attribute_not_exists(spent) OR spent < :budget)"
                ),
                ExpressionAttributeNames={"#turn": turn},
                ExpressionAttributeValues={
                    ":now": number(now_ms),
                    ":before": number(now_ms - window_ms),
                    ":budget": number(budget),
                    ":one": number(1),
                    ":expires": number(now_ms // 1000 + _LEDGER_DAYS * 24 * 3600),
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                ReturnConsumedCapacity="TOTAL",
            )
        except ClientError as error:
            self._lost(error)
            ledger: Item = error.response.get("Item", {})
            next_turn = int(ledger.get(turn, number(0))["N"]) + window_ms
            return next_turn if next_turn > now_ms else now_ms + _BUDGET_SPENT_MS
        self._count_write(answer)
        return None

    def _lost(self, error: ClientError) -> None:
        """A condition that did not hold is no failure, but it is billed."""
        if error.response["Error"]["Code"] != _CONDITION_FAILED:
            raise error
        self.spent.writes += 1

    def _count_write(self, answer: Item) -> None:
        self.spent.wrote(answer)


def _page(items: list[Item], *, is_last: bool) -> Page:
    page = Page([], [], is_last)
    for item in items:
        try:
            page.entries.append(entry_in(item))
        except UnreadableRow as row:
            page.unreadable.append(row)
    return page


def written(entry: Entry, meta: str | None) -> Expression:
    """Attribute by attribute, so that what is not the player's stays."""
    attributes = attributes_of(entry, meta)
    setting = ", ".join(f"{name} = :{name}" for name in attributes)
    removing = " REMOVE meta" if meta is None else ""
    return Expression(
        f"SET {setting}{removing}", {f":{name}": value for name, value in attributes.items()}
    )


def _better_than_what_stands(entry: Entry, instead_of: Entry | None) -> Expression:
    play = {":same": {"S": f"{entry.play.partition('.')[0]}."}}
    if instead_of is not None and instead_of.stored_rk is not None:
        better = _unchanged(instead_of)
    else:
        better = Expression(":rk < rk", {})
    return Expression(
        f"attribute_not_exists(SK) OR ({better.text} AND NOT begins_with(play, :same))",
        better.values | play,
    )


def _unchanged(entry: Entry) -> Expression:
    stored = entry.rk if entry.stored_rk is None else entry.stored_rk
    if not stored:
        return Expression("attribute_not_exists(rk)", {})
    return Expression("rk = :read", {":read": {"S": stored}})


def still(item: Item) -> Expression:
    """Whatever a row is, it is that still."""
    clauses, values = ["attribute_exists(SK)"], {}
    names = {f"#{name}": name for name in _FIELDS.split(",") if name != "SK"}
    for alias, name in names.items():
        if name in item:
            clauses.append(f"{alias} = :was_{name}")
            values[f":was_{name}"] = item[name]
        else:
            clauses.append(f"attribute_not_exists({alias})")
    return Expression(" AND ".join(clauses), values, names)
