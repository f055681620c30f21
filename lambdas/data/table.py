"""How the DataTable stores custom data.

A collection is one partition. A public item's sort key is its id; a private one's is its owner
and id. One more item per project names its collections, so that all of them can be found, and
another counts its items.

The count may be too high: an item that expires is not subtracted, nor one whose writer crashed
between the count and the item. A project that has used its quota is counted again, at most once
an hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cachetools import TTLCache

from lambdas.data.errors import (
    IdTaken,
    NotYours,
    QuotaUsed,
    TooManyCollections,
    UndeclaredCollection,
    UnknownItem,
)
from lambdas.data.things import Place, Thing
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

MOST_COLLECTIONS: Final = 100
_MOST_REMEMBERED: Final = 10_000
_REMEMBERED_SECONDS: Final = 60
"""How long an instance may add to a collection after its creator has closed it."""
_RECOUNT_MS: Final = 3_600_000
PUBLIC: Final = "I#"


def collection_partition(project_id: str, collection: str) -> str:
    return f"{project_id}#{collection}"


def collections_key(project_id: str) -> Item:
    """The key of the item that names a project's collections, as a set."""
    return {"PK": project_id, "SK": "COLLECTIONS"}


def usage_key(project_id: str) -> Item:
    """The key of the item that counts a project's items."""
    return {"PK": project_id, "SK": "USAGE"}


def owner_prefix(owner: str) -> str:
    return f"O#{owner}#"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection."""

    things: list[Thing]
    next: str | None
    """The id after which the collection continues."""


class DataTable(MeteredTable):
    def __init__(
        self,
        client: "DynamoDBClient",
        name: str,
        *,
        quota: int = 50_000,
        undeclared: bool = False,
    ) -> None:
        """Quota: the items of a project. Undeclared: whether games may begin collections."""
        super().__init__(client, name)
        self._quota = quota
        self._undeclared = undeclared
        self._known: TTLCache[tuple[str, str], bool] = TTLCache(
            _MOST_REMEMBERED, _REMEMBERED_SECONDS
        )

    def add(self, place: Place, thing: Thing) -> Thing:
        """Returns the item as it is stored: the earlier one, where its owner sent it before."""
        self._name_collection(place)
        self._count_one_more(place.project_id, thing.created_ms)
        try:
            self._put(
                {**_key(place, _prefix(place), thing.id), **_attributes(thing)},
                ConditionExpression="attribute_not_exists(PK)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as failed:
            self._count_one_less(place.project_id)
            there = _thing_there(failed)
            if there is None or there.owner != place.owner:
                raise IdTaken from None
            return there
        return thing

    def get(self, place: Place, thing_id: str, now_ms: int) -> Thing:
        for prefix in _prefixes(place):
            item = self._get(_key(place, prefix, thing_id), consistent=False)
            thing = None if item is None else thing_from(item)
            if thing is None or thing.is_over(now_ms):
                continue
            if thing.owner == place.owner or not place.private:
                return thing
        raise UnknownItem

    def page(self, place: Place, limit: int, after: str | None, now_ms: int) -> Page:
        """The newest first. Expired items are left out, so a page may be short."""
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
        things = [thing_from(item) for item in found.items]
        last = things[-1].id if found.last_key is not None and things else None
        return Page([thing for thing in things if not thing.is_over(now_ms)], last)

    def change(self, place: Place, thing_id: str, data: str, now_ms: int) -> Thing:
        expires = place.expiry(now_ms)
        expiry = "REMOVE expires" if expires is None else ", expires = :expires"
        for prefix in _prefixes(place):
            try:
                item = self._update(
                    _key(place, prefix, thing_id),
                    UpdateExpression=f"SET #data = :data, updated = :now {expiry}",
                    ConditionExpression="#owner = :owner",
                    ExpressionAttributeNames={"#data": "data", "#owner": "owner"},
                    ExpressionAttributeValues={
                        ":data": data,
                        ":now": now_ms,
                        ":owner": place.owner,
                        **({} if expires is None else {":expires": expires}),
                    },
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ConditionFailed as failed:
                _refuse_foreign(place, _thing_there(failed))
            else:
                return thing_from(item)
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
                self._count_one_less(place.project_id)
                return

    def collections(self, project_id: str) -> list[str]:
        """All that were ever written to."""
        item = self._get(collections_key(project_id), consistent=True) or {}
        return sorted(item.get("names", ()))

    def _count_one_more(self, project_id: str, now_ms: int) -> None:
        """Counts before the item is written: a crash in between wastes one item of the quota."""
        if self._counted(project_id):
            return
        if not self._recounted(project_id, now_ms) or not self._counted(project_id):
            raise QuotaUsed(self._quota)

    def _counted(self, project_id: str) -> bool:
        """Fails for a project without a count, too: one from before there were quotas."""
        try:
            self._update(
                usage_key(project_id),
                UpdateExpression="ADD items_kept :one",
                ConditionExpression="items_kept < :most",
                ExpressionAttributeValues={":one": 1, ":most": self._quota},
            )
        except ConditionFailed:
            return False
        return True

    def _count_one_less(self, project_id: str) -> None:
        """Does nothing for a project that is not counted yet."""
        try:
            self._update(
                usage_key(project_id),
                UpdateExpression="ADD items_kept :less",
                ConditionExpression="items_kept > :none",
                ExpressionAttributeValues={":less": -1, ":none": 0},
            )
        except ConditionFailed:
            return

    def _recounted(self, project_id: str, now_ms: int) -> bool:
        """Whether the items were counted now. One request an hour counts them."""
        try:
            self._update(
                usage_key(project_id),
                UpdateExpression="SET recounted = :now",
                ConditionExpression="attribute_not_exists(recounted) OR recounted < :before",
                ExpressionAttributeValues={":now": now_ms, ":before": now_ms - _RECOUNT_MS},
            )
        except ConditionFailed:
            return False
        kept = sum(self._size(project_id, each) for each in self.collections(project_id))
        self._update(
            usage_key(project_id),
            UpdateExpression="SET items_kept = :kept",
            ExpressionAttributeValues={":kept": kept},
        )
        return True

    def _size(self, project_id: str, collection: str) -> int:
        query: Item = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": collection_partition(project_id, collection)},
            "ProjectionExpression": "PK",
        }
        return sum(len(found.items) for found in self._pages(query))

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
            naming |= self._if_it_may_be_used(place.collection)
            naming["ExpressionAttributeValues"] |= {":set": {place.collection}}
        try:
            self._update(collections_key(place.project_id), **naming)
        except ConditionFailed:
            if self._undeclared:
                raise TooManyCollections(MOST_COLLECTIONS) from None
            raise UndeclaredCollection(place.collection) from None
        self._known[known] = True

    def _if_it_may_be_used(self, collection: str) -> Item:
        """An undeclared collection from before declarations stays, unless its creator closed it."""
        condition = "contains(#names, :name) AND NOT contains(closed, :name)"
        values: Item = {":name": collection}
        if self._undeclared:
            condition = (
                "NOT contains(closed, :name) AND "
                "(attribute_not_exists(#names) OR contains(#names, :name) OR size(#names) < :most)"
            )
            values[":most"] = MOST_COLLECTIONS
        return {"ConditionExpression": condition, "ExpressionAttributeValues": values}


def _thing_there(failed: ConditionFailed) -> Thing | None:
    """The item whose condition failed."""
    return thing_from(failed.item) if "owner" in failed.item else None


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
        **({} if thing.expires is None else {"expires": thing.expires}),
    }


def thing_from(item: Item) -> Thing:
    return Thing(
        id=item["SK"].rpartition("#")[2],
        owner=item["owner"],
        data=item["data"],
        created_ms=item["created"],
        updated_ms=item["updated"],
        expires=item.get("expires"),
    )
