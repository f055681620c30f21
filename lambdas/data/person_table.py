"""The DataTable's items of one owner, for an export."""

import json
from typing import Final, NamedTuple

from lambdas.data.table import PUBLIC, DataTable, collection_partition, owner_prefix, thing_from
from lambdas.shared.dynamo.items import Item
from lambdas.shared.values.clock import iso

_SOME: Final = 250


class Shelf(NamedTuple):
    """Where an owner may have items: the public or the private ones of a collection."""

    collection: str
    private: bool


class Page(NamedTuple):
    told: list[Item]
    next: str
    """The key after which the shelf goes on; empty at its end."""


class PersonTable(DataTable):
    def shelves(self, project_id: str) -> list[Shelf]:
        return [
            Shelf(collection, private)
            for collection in self.collections(project_id)
            for private in (False, True)
        ]

    def owned(self, project_id: str, owner: str, shelf: Shelf, after: str) -> Page:
        partition = collection_partition(project_id, shelf.collection)
        prefix = owner_prefix(owner) if shelf.private else PUBLIC
        query: Item = {
            "KeyConditionExpression": "PK = :pk AND begins_with(SK, :prefix)",
            "FilterExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":pk": partition, ":prefix": prefix, ":owner": owner},
            "Limit": _SOME,
        }
        if after:
            query["ExclusiveStartKey"] = {"PK": partition, "SK": f"{prefix}{after}"}
        found = self._query(query)
        last = found.last_key
        return Page(
            [_told(project_id, shelf, item) for item in found.items],
            "" if last is None else str(last["SK"]).removeprefix(prefix),
        )


def _told(project_id: str, shelf: Shelf, item: Item) -> Item:
    thing = thing_from(item)
    return {
        "kind": "dataItem",
        "projectId": project_id,
        "collection": shelf.collection,
        "private": shelf.private,
        "id": thing.id,
        "data": json.loads(thing.data),
        "createdAt": iso(thing.created_ms),
        "updatedAt": iso(thing.updated_ms),
    }
