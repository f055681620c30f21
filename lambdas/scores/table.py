"""ScoreTable: the only module that knows how boards are stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from lambdas.scores.errors import BoardTooLarge
from lambdas.scores.rules import Entry

_CONDITION_FAILED: Final = "ConditionalCheckFailedException"
_PROJECTION: Final = "SK,rk,score,timeMs,userName,updatedAt,play,moved"
_LEDGER_DAYS: Final = 62
_MOST_PAGES: Final = 3
"""A megabyte each; a board at its top N is a small part of one."""
_BUDGET_SPENT_MS: Final = 600_000
"""An operator may raise the budget; asking costs a write unit, so ask seldom."""

Item = dict[str, Any]


def board_key(game_id: str, period_id: str) -> str:
    return f"G#{game_id}#P#{period_id}"


@dataclass(slots=True)
class Spent:
    """Request units, as DynamoDB bills them."""

    reads: float = 0
    writes: float = 0


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    next: str | None
    """The player after whom the board goes on."""


class ScoreTable:
    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name
        self.spent = Spent()

    def rows(self, key: str, *, consistent: bool = False) -> list[Entry]:
        """The whole board: one small Query while the board is kept at its top N."""
        rows: list[Entry] = []
        for number, page in enumerate(self.pages(key, consistent=consistent), 1):
            rows += page.entries
            if number == _MOST_PAGES and page.next is not None:
                raise BoardTooLarge
        return rows

    def pages(self, key: str, *, consistent: bool = False) -> Iterator[Page]:
        query = {
            "TableName": self._name,
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": key}},
            "ProjectionExpression": _PROJECTION,
            "ConsistentRead": consistent,
            "ReturnConsumedCapacity": "TOTAL",
        }
        after: str | None = None
        while True:
            if after is not None:
                query["ExclusiveStartKey"] = _key(key, after)
            answer = self._client.query(**query)
            self.spent.reads += answer["ConsumedCapacity"]["CapacityUnits"]
            last = answer.get("LastEvaluatedKey")
            after = _user_id(last) if last else None
            yield Page([_entry(item) for item in answer["Items"]], after)
            if after is None:
                return

    def put(
        self, key: str, entry: Entry, meta: str | None, *, instead_of: Entry | None = None
    ) -> Entry | None:
        """Writes unless the player's entry is as good already, or is of the same play.

        Then that entry is returned. Rank keys of different orders do not compare, so a row of
        a former order is named: it is replaced as long as nobody else has.
        """
        play = entry.play.partition(".")[0]
        better, values = ":rk < rk", {":rk": {"S": entry.rk}, ":play": {"S": f"{play}."}}
        if instead_of is not None and instead_of.stored_rk is not None:
            better, values[":rk"] = "rk = :rk", {"S": instead_of.stored_rk}
        try:
            answer = self._client.put_item(
                TableName=self._name,
                Item=_item(key, entry, meta),
                ConditionExpression=(
                    f"attribute_not_exists(SK) OR ({better} AND NOT begins_with(play, :play))"
                ),
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                ReturnConsumedCapacity="TOTAL",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _CONDITION_FAILED:
                raise
            self.spent.writes += 1
            return _entry(error.response["Item"])
        self._count_write(answer)
        return None

    def evict(self, key: str, entry: Entry) -> bool:
        """Deletes the row unless it has changed since it was read."""
        try:
            answer = self._client.delete_item(
                TableName=self._name,
                Key=_key(key, entry.user_id),
                ConditionExpression="rk = :rk",
                ExpressionAttributeValues={":rk": {"S": entry.stored_rk or entry.rk}},
                ReturnConsumedCapacity="TOTAL",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _CONDITION_FAILED:
                raise
            self.spent.writes += 1
            return False
        self._count_write(answer)
        return True

    def rerank(self, key: str, entry: Entry) -> None:
        """Writes the rank key of a changed order, unless the row has changed meanwhile."""
        try:
            self._client.update_item(
                TableName=self._name,
                Key=_key(key, entry.user_id),
                UpdateExpression="SET rk = :new",
                ConditionExpression="rk = :old",
                ExpressionAttributeValues={
                    ":new": {"S": entry.rk},
                    ":old": {"S": entry.stored_rk or entry.rk},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _CONDITION_FAILED:
                raise
        self.spent.writes += 1

    def claim_invalidation(
        self, game_id: str, *, month: str, now_ms: int, window_ms: int, budget: int
    ) -> int | None:
        """Takes the game's turn in this window out of the month's budget, in one write.

        None when taken, else the moment before which asking again is no use.
        """
        turn = f"at#{game_id}"
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key={"PK": {"S": "INVALIDATIONS"}, "SK": {"S": month}},
                UpdateExpression="SET #turn = :now, expires = :expires ADD spent :one",
                ConditionExpression=(
                    "(attribute_not_exists(#turn) OR #turn <= :before)"
                    " AND (attribute_not_exists(spent) OR spent < :budget)"
                ),
                ExpressionAttributeNames={"#turn": turn},
                ExpressionAttributeValues={
                    ":now": _n(now_ms),
                    ":before": _n(now_ms - window_ms),
                    ":budget": _n(budget),
                    ":one": _n(1),
                    ":expires": _n(now_ms // 1000 + _LEDGER_DAYS * 24 * 3600),
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                ReturnConsumedCapacity="TOTAL",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _CONDITION_FAILED:
                raise
            self.spent.writes += 1
            ledger: Item = error.response.get("Item", {})
            next_turn = int(ledger.get(turn, _n(0))["N"]) + window_ms
            return next_turn if next_turn > now_ms else now_ms + _BUDGET_SPENT_MS
        self._count_write(answer)
        return None

    def _count_write(self, answer: Item) -> None:
        self.spent.writes += answer["ConsumedCapacity"]["CapacityUnits"]


def _n(number: int) -> Item:
    return {"N": str(number)}


def _sort_key(user_id: str) -> Item:
    return {"S": f"U#{user_id}"}


def _user_id(item: Item) -> str:
    return str(item["SK"]["S"])[2:]


def _key(key: str, user_id: str) -> Item:
    return {"PK": {"S": key}, "SK": _sort_key(user_id)}


def _item(key: str, entry: Entry, meta: str | None) -> Item:
    item = {
        **_key(key, entry.user_id),
        "score": _n(entry.score),
        "timeMs": _n(entry.time_ms),
        "userName": {"S": entry.user_name},
        "updatedAt": {"S": entry.updated_at},
        "rk": {"S": entry.rk},
        "play": {"S": entry.play},
        "moved": {"BOOL": entry.moved},
    }
    if meta is not None:
        item["meta"] = {"S": meta}
    return item


def _entry(item: Item) -> Entry:
    return Entry(
        user_id=_user_id(item),
        user_name=item["userName"]["S"],
        score=int(item["score"]["N"]),
        time_ms=int(item["timeMs"]["N"]),
        updated_at=item["updatedAt"]["S"],
        rk=item["rk"]["S"],
        # An imported row knows of no play.
        play=item.get("play", {"S": ""})["S"],
        moved=item.get("moved", {"BOOL": False})["BOOL"],
    )
