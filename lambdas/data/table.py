"""DataTable: the only module that knows how custom data is stored.

A collection is one partition. What is public lies there by its id, what is private by its
owner and id; which collections a project has is one item, for whoever has to find them all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lambdas.data.errors import IdTaken, NotYours, TooManyCollections, UnknownItem
from lambdas.data.things import Place, Thing
from lambdas.shared.dynamo.table import ConditionFailed, Item, MeteredTable

MOST_COLLECTIONS: Final = 100
_MOST_REMEMBERED: Final = 10_000
PUBLIC: Final = "I#"


def collection_partition(project_id: str, collection: str) -> str:
    return f"{project_id}#{collection}"


def collections_key(project_id: str) -> Item:
    """Of the item that names them, as a set."""
    return {"PK": {"S": project_id}, "SK": {"S": "COLLECTIONS"}}


def owner_prefix(owner: str) -> str:
    return f"O#{owner}#"


@dataclass(frozen=True, slots=True)
class Page:
    things: list[Thing]
    next: str | None
    """The id after which the collection goes on."""


class DataTable(MeteredTable):
    def __init__(self, client: Any, name: str) -> None:
        super().__init__(client, name)
        self._known: set[tuple[str, str]] = set()

    def add(self, place: Place, thing: Thing) -> Thing:
        """The thing as it is kept: an earlier one, where its owner sent it before."""
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
                ":pk": {"S": collection_partition(place.project_id, place.collection)},
                ":prefix": {"S": prefix},
            },
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after is not None:
            query["ExclusiveStartKey"] = _key(place, prefix, after)
        answer = self._query(query)
        things = [_thing(item) for item in answer["Items"]]
        return Page(things, things[-1].id if "LastEvaluatedKey" in answer and things else None)

    def change(self, place: Place, thing_id: str, data: str, now_ms: int) -> Thing:
        for prefix in _prefixes(place):
            try:
                answer = self._update(
                    _key(place, prefix, thing_id),
                    UpdateExpression="SET #data = :data, updated = :now",
                    ConditionExpression="#owner = :owner",
                    ExpressionAttributeNames={"#data": "data", "#owner": "owner"},
                    ExpressionAttributeValues={
                        ":data": {"S": data},
                        ":now": _n(now_ms),
                        ":owner": {"S": place.owner},
                    },
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ConditionFailed as failed:
                _refuse_another_s(place, _thing_there(failed))
            else:
                return _thing(answer["Attributes"])
        raise UnknownItem

    def remove(self, place: Place, thing_id: str) -> None:
        """What is not there needs no removing."""
        for prefix in _prefixes(place):
            try:
                self._delete(
                    _key(place, prefix, thing_id),
                    ConditionExpression="#owner = :owner",
                    ExpressionAttributeNames={"#owner": "owner"},
                    ExpressionAttributeValues={":owner": {"S": place.owner}},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ConditionFailed as failed:
                _refuse_another_s(place, _thing_there(failed))
            else:
                return

    def collections(self, project_id: str) -> list[str]:
        """All there ever was anything in."""
        answer = self._client.get_item(
            TableName=self._name, Key=collections_key(project_id), ConsistentRead=True
        )
        return sorted(answer.get("Item", {}).get("names", {}).get("SS", []))

    def _name_collection(self, place: Place) -> None:
        """Before anything is in it, so that nothing is ever where nobody would look."""
        known = (place.project_id, place.collection)
        if known in self._known:
            return
        naming: Item = {
            "UpdateExpression": "ADD #names :set",
            "ExpressionAttributeNames": {"#names": "names"},
            "ExpressionAttributeValues": {":set": {"SS": [place.collection]}},
        }
        if not place.declared:
            naming["ConditionExpression"] = (
                "attribute_not_exists(#names) OR contains(#names, :name) OR size(#names) < :most"
            )
            naming["ExpressionAttributeValues"] |= {
                ":name": {"S": place.collection},
                ":most": _n(MOST_COLLECTIONS),
            }
        try:
            self._update(collections_key(place.project_id), **naming)
        except ConditionFailed:
            raise TooManyCollections(MOST_COLLECTIONS) from None
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known.add(known)


def _thing_there(failed: ConditionFailed) -> Thing | None:
    """The item that the condition failed at."""
    return _thing(failed.item) if failed.item and "owner" in failed.item else None


def _refuse_another_s(place: Place, there: Thing | None) -> None:
    if there is not None and not place.private:
        raise NotYours


def _prefix(place: Place) -> str:
    return owner_prefix(place.owner) if place.private else PUBLIC


def _prefixes(place: Place) -> Iterator[str]:
    """Where the collection's visibility was another once, things lie where they were put."""
    yield _prefix(place)
    yield PUBLIC if place.private else owner_prefix(place.owner)


def _n(number: int) -> Item:
    return {"N": str(number)}


def _key(place: Place, prefix: str, thing_id: str) -> Item:
    partition = collection_partition(place.project_id, place.collection)
    return {"PK": {"S": partition}, "SK": {"S": f"{prefix}{thing_id}"}}


def _attributes(thing: Thing) -> Item:
    return {
        "owner": {"S": thing.owner},
        "data": {"S": thing.data},
        "created": _n(thing.created_ms),
        "updated": _n(thing.updated_ms),
    }


def _thing(item: Item) -> Thing:
    return Thing(
        id=item["SK"]["S"].rpartition("#")[2],
        owner=item["owner"]["S"],
        data=item["data"]["S"],
        created_ms=int(item["created"]["N"]),
        updated_ms=int(item["updated"]["N"]),
    )
