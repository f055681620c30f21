"""What a project's creator sees and deletes of its data, whoever owns the items."""

from dataclasses import dataclass
from typing import Final

from lambdas.data.errors import UnknownItem
from lambdas.data.table import (
    PUBLIC,
    DataTable,
    collection_partition,
    collections_key,
    owner_prefix,
    thing_from,
    usage_key,
)
from lambdas.data.things import Thing
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed
from lambdas.shared.records.audit import Record
from lambdas.shared.records.table import Creators

MOST_CLEARED: Final = 100
"""In one request; a creator sends it again while there are more."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An item, and its sort key, after which the collection continues."""

    thing: Thing
    sort_key: str

    @property
    def private(self) -> bool:
        return not self.sort_key.startswith(PUBLIC)


def sort_key_of(thing_id: str, owner: str | None) -> str:
    """A private item's key begins with its owner."""
    return f"{PUBLIC if owner is None else owner_prefix(owner)}{thing_id}"


class Moderation(DataTable):
    """The creator's view of the DataTable. Every deletion is recorded before it happens."""

    def usage(self, project_id: str) -> int | None:
        """The items that are counted; None where no item was added since there are quotas."""
        item = self._get(usage_key(project_id), consistent=False) or {}
        kept: int | None = item.get("items_kept")
        return kept

    def items(self, project_id: str, collection: str, limit: int, after: str | None) -> list[Kept]:
        """Public and private ones, by their sort keys."""
        partition = collection_partition(project_id, collection)
        query: Item = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": partition},
            "Limit": limit,
        }
        if after is not None:
            query["ExclusiveStartKey"] = {"PK": partition, "SK": after}
        return [Kept(thing_from(item), item["SK"]) for item in self._query(query).items]

    def remove_any(
        self, creators: Creators, record: Record, collection: str, sort_key: str
    ) -> None:
        """Deletes the item, whoever owns it."""
        project_id = str(record.project_id)
        key = {"PK": collection_partition(project_id, collection), "SK": sort_key}
        if self._get(key, consistent=True) is None:
            raise UnknownItem
        creators.record(record)
        self._remove_key(project_id, collection, sort_key)

    def clear(self, creators: Creators, record: Record, collection: str, *, declared: bool) -> int:
        """Deletes up to 100 items and returns how many. Closes a collection nobody declared."""
        project_id = str(record.project_id)
        creators.record(record)
        if not declared:
            self._update(
                collections_key(project_id),
                UpdateExpression="ADD closed :set",
                ExpressionAttributeValues={":set": {collection}},
            )
        found = self.items(project_id, collection, MOST_CLEARED, None)
        for kept in found:
            self._remove_key(project_id, collection, kept.sort_key)
        return len(found)

    def _remove_key(self, project_id: str, collection: str, sort_key: str) -> None:
        key = {"PK": collection_partition(project_id, collection), "SK": sort_key}
        try:
            self._delete(key, ConditionExpression="attribute_exists(PK)")
        except ConditionFailed:
            return
        self._count_one_less(project_id)
