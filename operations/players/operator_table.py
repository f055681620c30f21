"""What only an operator does with the PlayerTable."""

from collections.abc import Iterator
from typing import Any

from lambdas.players import items_table as items
from lambdas.players.table import PlayerTable
from lambdas.players.users import User
from lambdas.shared.dynamo.items import request_of, unpacked
from lambdas.shared.dynamo.table import ConditionFailed


class OperatorTable(PlayerTable):
    def users(self) -> Iterator[User]:
        """All of them, whatever their state. Reads the whole table: it has no index of names."""
        start: Any = {}
        query = request_of(
            {
                "FilterExpression": "SK = :user AND attribute_not_exists(erasing)",
                "ExpressionAttributeValues": {":user": items.USER},
            }
        )
        while True:
            page = self._client.scan(TableName=self._name, **query, **start)
            yield from (items.user_from(unpacked(item)) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def ban(self, user_id: str, *, banned: bool) -> bool:
        """Ends the account's tokens, too. False where the account does not exist."""
        change = "SET banned = :one" if banned else "REMOVE banned"
        try:
            self._update(
                items.stats_key(user_id),
                UpdateExpression=f"{change} ADD epoch :one",
                ConditionExpression="attribute_exists(PK)",
                ExpressionAttributeValues={":one": 1},
            )
        except ConditionFailed:
            return False
        return True

    def taken_calls(self, day: str) -> int:
        """Model calls that instances have taken out of the day's budget."""
        item = self._get(items.key("BUDGET", day), consistent=True)
        return 0 if item is None else int(item["taken"])
