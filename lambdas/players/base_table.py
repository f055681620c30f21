"""Reads and writes that every part of the PlayerTable shares."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lambdas.players import items_table as items
from lambdas.players.users import Stats, User
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import MeteredTable
from lambdas.shared.dynamo.transactions import Write

_NEW: Final = "attribute_not_exists(PK)"


class Account(NamedTuple):
    user: User
    stats: Stats


class Page(NamedTuple):
    items: tuple[Item, ...]
    next: str | None
    """The sort key after which there may be more."""


class BaseTable(MeteredTable):
    def account(self, user_id: str) -> Account | None:
        """User and stats, which are one partition; None where they are gone or being erased."""
        answer = self._query(
            {
                "KeyConditionExpression": "PK = :pk",
                "ExpressionAttributeValues": {":pk": items.user_partition(user_id)},
                "ConsistentRead": True,
            }
        )
        found = {item["SK"]: item for item in answer.items}
        user, stats = found.get(items.USER), found.get(items.STATS)
        if user is None or stats is None or not items.is_user(user):
            return None
        return Account(items.user_from(user), items.stats_from(stats))

    def stats(self, user_id: str) -> Stats | None:
        item = self._get(items.stats_key(user_id), consistent=True)
        return None if item is None else items.stats_from(item)

    def user(self, user_id: str) -> User | None:
        """Eventually consistent: for what may be a moment old."""
        item = self._get(items.user_key(user_id), consistent=False)
        return None if item is None or not items.is_user(item) else items.user_from(item)

    def _page(
        self, partition: str, after: str | None, limit: int, *, forward: bool, prefix: str = ""
    ) -> Page:
        query: Item = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": partition},
            "ScanIndexForward": forward,
            "Limit": limit,
        }
        if prefix:
            query["KeyConditionExpression"] += " AND begins_with(SK, :prefix)"
            query["ExpressionAttributeValues"][":prefix"] = prefix
        if after is not None:
            query["ExclusiveStartKey"] = items.key(partition, after)
        answer = self._query(query)
        last = answer.last_key
        return Page(tuple(answer.items), None if last is None else str(last["SK"]))

    def _put_new(self, item: Item) -> Write:
        return {
            "Put": {"TableName": self._name, "Item": item, "ConditionExpression": _NEW},
        }

    def _change_user(
        self, user: User, at: str, setting: str, values: Item, more: str = ""
    ) -> Write:
        """To be written while the user is as it was read."""
        comma = ", " if setting else ""
        return {
            "Update": {
                "TableName": self._name,
                "Key": items.user_key(user.id),
                "UpdateExpression": (
                    f"SET {setting}{comma}updatedAt = :at, revision = :revision{more}"
                ),
                "ConditionExpression": "revision = :was AND attribute_not_exists(mergedInto)",
                "ExpressionAttributeValues": {
                    ":at": at,
                    ":was": user.revision,
                    ":revision": user.revision + 1,
                    **values,
                },
            }
        }

    def _change_stats(
        self,
        stats: Stats,
        setting: str,
        values: Item,
        more: str = "",
        names: Mapping[str, str] | None = None,
    ) -> Write:
        """To be written while the ledger is as it was read, and the tokens are not revoked."""
        return {
            "Update": {
                **({"ExpressionAttributeNames": names} if names else {}),
                "TableName": self._name,
                "Key": items.stats_key(stats.user_id),
                "UpdateExpression": f"SET {setting}",
                "ConditionExpression": f"version = :version AND epoch = :was {more}",
                "ExpressionAttributeValues": {
                    ":version": stats.version,
                    ":was": stats.epoch,
                    **values,
                },
            }
        }
