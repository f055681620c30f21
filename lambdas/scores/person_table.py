"""The ScoreTable's rows of some players, found by their keys: no index has the players."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from lambdas.scores.table import board_of, is_reserve, reserve_key, row_key
from lambdas.shared.dynamo.batches import sent_again
from lambdas.shared.dynamo.items import Item, packed, unpacked
from lambdas.shared.dynamo.transactions import write_together
from lambdas.shared.dynamo.units import Spent
from lambdas.shared.http.errors import Busy

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_MOST_KEYS: Final = 100
_TRIES: Final = 6
_SHOWN: Final = ("userName", "score", "timeMs", "meta", "updatedAt")


class PersonTable:
    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client = client
        self._name = name
        self._spent = Spent()

    def made_ms(self) -> int:
        made = self._client.describe_table(TableName=self._name)["Table"]["CreationDateTime"]
        return int(made.timestamp() * 1000)

    def keys(self, boards: Sequence[str], players: Sequence[str]) -> Iterator[tuple[str, str]]:
        for row in self._found(boards, players):
            yield row["PK"], row["SK"]

    def rows(self, boards: Sequence[str], players: Sequence[str]) -> Iterator[Item]:
        for row in self._found(boards, players):
            game, period = board_of(row["PK"])
            shown: Item = {name: row[name] for name in _SHOWN if name in row}
            yield {"game": game, "period": period, "playerId": row["SK"][2:], **shown}

    def standing(self, boards: Sequence[str], players: Sequence[str]) -> list[Item]:
        """Rows on the boards themselves. A reserve's rows stay where they are."""
        return [row for row in self._found(boards, players) if not is_reserve(row)]

    def move(self, row: Item, player: str) -> bool:
        """To the other player's id, unless a better row is there. The old row goes, unless it has
        changed since it was read.
        """
        moved = {**row, **row_key(row["PK"], player)}
        there = {
            "Put": {
                "TableName": self._name,
                "Item": moved,
                "ConditionExpression": "attribute_not_exists(PK) OR :rk < rk",
                "ExpressionAttributeValues": {":rk": row["rk"]},
            }
        }
        gone = {
            "Delete": {
                "TableName": self._name,
                "Key": {"PK": row["PK"], "SK": row["SK"]},
                "ConditionExpression": "rk = :rk",
                "ExpressionAttributeValues": {":rk": row["rk"]},
            }
        }
        failed = write_together(self._client, self._spent, [there, gone])
        if failed == 0:
            failed = write_together(self._client, self._spent, [gone])
        return failed is None

    def _found(self, boards: Sequence[str], players: Sequence[str]) -> Iterator[Item]:
        keys = [
            packed(key(board, player))
            for board in boards
            for player in players
            for key in (row_key, reserve_key)
        ]
        for start in range(0, len(keys), _MOST_KEYS):
            yield from self._batch(keys[start : start + _MOST_KEYS])

    def _batch(self, keys: list[Any]) -> list[Item]:
        found: list[Item] = []

        def send(asked: list[Any]) -> list[Any]:
            answer = self._client.batch_get_item(
                RequestItems={self._name: {"Keys": asked, "ConsistentRead": True}}
            )
            found.extend(map(unpacked, answer["Responses"].get(self._name, ())))
            left = answer["UnprocessedKeys"].get(self._name)
            return list(left["Keys"]) if left else []

        if sent_again(keys, send, tries=_TRIES, first_pause_s=0.1, wait=time.sleep):
            raise Busy
        return found
