"""SecretTable: the only module that knows how sealed values are stored.

An owner is "creator/…" or "project/…", as the values are sealed for.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Final

from lambdas.secrets.env_vars import MOST_KEYS
from lambdas.secrets.errors import TooManyKeys, UnknownKey
from lambdas.secrets.vault import Sealed
from lambdas.shared.dynamo.batches import sent_again
from lambdas.shared.dynamo.table import Item, MeteredTable
from lambdas.shared.http.errors import Busy

_ENV: Final = "ENV#"
_MADE: Final = "made#"
_TRIES: Final = 5
_FIRST_PAUSE_SECONDS: Final = 0.01

Place = tuple[str, str]
"""An owner, and a key of it."""


def kind_of(key: str) -> str:
    """Of an item by its sort key; the list of names is none of its own."""
    return "keys" if key.startswith(_ENV) else ""


class SecretTable(MeteredTable):
    def keys(self, owner: str) -> list[str]:
        """In the order of their making, from one item: no value is read to tell its name."""
        item = self._get(_key(owner, "NAMES"), consistent=True) or {}
        listed = item.get("listed", {}).get("SS", [])
        return sorted(listed, key=lambda key: (item[_MADE + key]["S"], key))

    def put(
        self, owner: str, key: str, sealed: Sealed, now: str, *, together_with: Sequence[Item]
    ) -> int | None:
        """The place, among the other writes, of the first whose condition did not hold."""
        listed = {
            "UpdateExpression": "ADD listed :name SET #made = if_not_exists(#made, :now)",
            "ExpressionAttributeNames": {"#made": _MADE + key},
            "ConditionExpression": (
                "attribute_not_exists(listed) OR size(listed) < :most OR contains(listed, :key)"
            ),
            "ExpressionAttributeValues": {
                ":name": {"SS": [key]},
                ":key": {"S": key},
                ":most": {"N": str(MOST_KEYS)},
                ":now": {"S": now},
            },
        }
        written = {
            "UpdateExpression": (
                "SET value_enc = :value, kms_key = :kms, updatedAt = :now,"
                " createdAt = if_not_exists(createdAt, :now)"
            ),
            "ExpressionAttributeValues": {
                ":value": {"B": sealed.blob},
                ":kms": {"S": sealed.kms_key},
                ":now": {"S": now},
            },
        }
        failed = self._together(
            *together_with,
            {"Update": self._item(owner, "NAMES") | listed},
            {"Update": self._item(owner, _ENV + key) | written},
        )
        if failed == len(together_with):
            raise TooManyKeys(MOST_KEYS)
        return failed

    def delete(self, owner: str, key: str, *, together_with: Sequence[Item]) -> int | None:
        removed = {"ConditionExpression": "attribute_exists(PK)"}
        unlisted = {
            "UpdateExpression": "DELETE listed :name REMOVE #made",
            "ExpressionAttributeNames": {"#made": _MADE + key},
            "ExpressionAttributeValues": {":name": {"SS": [key]}},
        }
        failed = self._together(
            *together_with,
            {"Delete": self._item(owner, _ENV + key) | removed},
            {"Update": self._item(owner, "NAMES") | unlisted},
        )
        if failed == len(together_with):
            raise UnknownKey
        return failed

    def sealed(self, places: Iterable[Place]) -> dict[Place, Sealed]:
        """What there is of up to a hundred, read together."""
        found: dict[Place, Sealed] = {}

        def read(keys: list[Item]) -> list[Item]:
            answer = self._client.batch_get_item(
                RequestItems={self._name: {"Keys": keys, "ConsistentRead": True}}
            )
            for item in answer["Responses"].get(self._name, []):
                place = item["PK"]["S"], item["SK"]["S"].removeprefix(_ENV)
                found[place] = Sealed(bytes(item["value_enc"]["B"]), item["kms_key"]["S"])
            unread: list[Item] = answer["UnprocessedKeys"].get(self._name, {}).get("Keys", [])
            return unread

        keys = [_key(owner, _ENV + key) for owner, key in places]
        if sent_again(
            keys, read, tries=_TRIES, first_pause_s=_FIRST_PAUSE_SECONDS, wait=time.sleep
        ):
            raise Busy
        return found

    def _item(self, owner: str, sk: str) -> Item:
        return {"TableName": self._name, "Key": _key(owner, sk)}


def _key(owner: str, sk: str) -> Item:
    return {"PK": {"S": owner}, "SK": {"S": sk}}
