"""How the DataTable stores custom data.

A collection is one partition. A public item's sort key is its id; a private one's is its owner
and id. One more item per project names its collections, so that all of them can be found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cachetools import LRUCache

from lambdas.data.errors import IdTaken, NotYours, TooManyCollections, UnknownItem
from lambdas.data.things import Place, Thing
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

MOST_COLLECTIONS: Final = 100
_MOST_REMEMBERED: Final = 10_000
PUBLIC: Final = "I#"


def collection_partition(project_id: str, collection: str) -> str:
    return f"{project_id}#{collection}"


def collections_key(project_id: str) -> Item:
    """The key of the item that names a project's collections, as a set."""
    return {"PK": project_id, "SK": "COLLECTIONS"}


def owner_prefix(owner: str) -> str:
    return f"O#{owner}#"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection."""

    things: list[Thing]
    next: str | None
    """The id after which the collection continues."""


class DataTable(MeteredTable):
    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        super().__init__(client, name)
        self._known: LRUCache[tuple[str, str], bool] = LRUCache(_MOST_REMEMBERED)

    def add(self, place: Place, thing: Thing) -> Thing:
        """Returns the item as it is stored: the earlier one, where its owner sent it before."""
        self._name_collection(place)
        try:
            self._put(
                {**_key(place, _prefix(place), thing.id), **_attributes(thing)},
                ConditionExpression="attribute_not_exists(PK)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failed:
            there = _thing_there(failed)
            if there is None or there.owner != place.owner:
                raise IdTaken from None
            return there
        return thing

    def get(self, place: Place, thing_id: str) -> Thing:
        for prefix in _prefixes(place):
            item = self._get(_key(place, prefix, thing_id), consistent=False)
            thing = None if item is None else _thing(item)
            if thing is not None and (thing.owner == place.owner or not place.private):
                return thing
        raise UnknownItem

    def page(self, place: Place, limit: int, after: str | None) -> Page:
        """The newest first."""
        prefix = _prefix(place)
        query: Item = {
            "KeyConditionExpression": "PK = :pk AND begins_with(SK, :prefix)",
            "ExpressionAttributeValues": {
                ":pk": collection_partition(place.project_id, place.collection),
                ":prefix": prefix,
            },
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after is not None:
            query["ExclusiveStartKey"] = _key(place, prefix, after)
        found = self._query(query)
        things = [_thing(item) for item in found.items]
        return Page(things, things[-1].id if found.last_key is not None and things else None)

    def change(self, place: Place, thing_id: str, data: str, now_ms: int) -> Thing:
        for prefix in _prefixes(place):
            try:
                item = self._update(
                    _key(place, prefix, thing_id),
                    UpdateExpression="SET #data = :data, updated = :now",
                    ConditionExpression="#owner = :owner",
                    ExpressionAttributeNames={"#data": "data", "#owner": "owner"},
                    ExpressionAttributeValues={
                        ":data": data,
                        ":now": now_ms,
                        ":owner": place.owner,
                    },
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ConditionFailed as failed:
                _refuse_foreign(place, _thing_there(failed))
            else:
                return _thing(item)
        raise UnknownItem

    def remove(self, place: Place, thing_id: str) -> None:
        """Does nothing where the item is gone already."""
        for prefix in _prefixes(place):
            try:
                self._delete(
                    _key(place, prefix, thing_id),
                    ConditionExpression="#owner = :owner",
                    ExpressionAttributeNames={"#owner": "owner"},
                    ExpressionAttributeValues={":owner": place.owner},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ConditionFailed as failed:
                _refuse_foreign(place, _thing_there(failed))
            else:
                return

    def collections(self, project_id: str) -> list[str]:
        """All that were ever written to."""
        item = self._get(collections_key(project_id), consistent=True) or {}
        return sorted(item.get("names", ()))

    def _name_collection(self, place: Place) -> None:
        """Names the collection before anything is in it, so that the eraser finds everything."""
        known = (place.project_id, place.collection)
        if known in self._known:
            return
        naming: Item = {
            "UpdateExpression": "ADD #names :set",
            "ExpressionAttributeNames": {"#names": "names"},
            "ExpressionAttributeValues": {":set": {place.collection}},
        }
        if not place.declared:
            naming["ConditionExpression"] = (
                "attribute_not_exists(#names) OR contains(#names, :name) OR size(#names) < :most"
            )
            naming["ExpressionAttributeValues"] |= {
                ":name": place.collection,
                ":most": MOST_COLLECTIONS,
            }
        try:
            self._update(collections_key(place.project_id), **naming)
        except ConditionFailed:
            raise TooManyCollections(MOST_COLLECTIONS) from None
        self._known[known] = True


def _thing_there(failed: ConditionFailed) -> Thing | None:
    """The item whose condition failed."""
    return _thing(failed.item) if "owner" in failed.item else None


def _refuse_foreign(place: Place, there: Thing | None) -> None:
    if there is not None and not place.private:
        raise NotYours


def _prefix(place: Place) -> str:
    return owner_prefix(place.owner) if place.private else PUBLIC


def _prefixes(place: Place) -> Iterator[str]:
    """Both, since items stay where they were put when the collection's visibility changes."""
    yield _prefix(place)
    yield PUBLIC if place.private else owner_prefix(place.owner)


def _key(place: Place, prefix: str, thing_id: str) -> Item:
    partition = collection_partition(place.project_id, place.collection)
    return {"PK": partition, "SK": f"{prefix}{thing_id}"}


def _attributes(thing: Thing) -> Item:
    return {
        "owner": thing.owner,
        "data": thing.data,
        "created": thing.created_ms,
        "updated": thing.updated_ms,
    }


def _thing(item: Item) -> Thing:
    return Thing(
        id=item["SK"].rpartition("#")[2],
        owner=item["owner"],
        data=item["data"],
        created_ms=item["created"],
        updated_ms=item["updated"],
    )
