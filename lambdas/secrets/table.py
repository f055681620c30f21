"""How the SecretTable stores sealed values.

An owner is "creator/…" or "project/…", which the values are sealed for.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

from lambdas.secrets.env_vars import MOST_KEYS
from lambdas.secrets.errors import TooManyKeys, UnknownKey
from lambdas.secrets.vault import Sealed
from lambdas.shared.dynamo.batches import sent_again
from lambdas.shared.dynamo.items import Item, packed, unpacked
from lambdas.shared.dynamo.table import MeteredTable
from lambdas.shared.dynamo.transactions import Write
from lambdas.shared.http.errors import Busy

_ENV: Final = "ENV#"
_MADE: Final = "made#"
_TRIES: Final = 5
_FIRST_PAUSE_SECONDS: Final = 0.01

Place = tuple[str, str]
"""An owner, and one of its keys."""


def kind_of(key: str) -> str:
    """What to count an item as, by its sort key. The list of names does not count."""
    return "keys" if key.startswith(_ENV) else ""


class SecretTable(MeteredTable):
    def keys(self, owner: str) -> list[str]:
        """In the order in which they were made. One item names them, so no value is read."""
        item = self._get(_key(owner, "NAMES"), consistent=True) or {}
        listed = item.get("listed", ())
        return sorted(listed, key=lambda key: (item[_MADE + key], key))

    def put(
        self, owner: str, key: str, sealed: Sealed, now: str, *, together_with: Sequence[Write]
    ) -> int | None:
        """Returns the index of the first of the other writes whose condition did not hold."""
        listed = {
            "UpdateExpression": "ADD listed :name SET #made = if_not_exists(#made, :now)",
            "ExpressionAttributeNames": {"#made": _MADE + key},
            "ConditionExpression": (
                "attribute_not_exists(listed) OR size(listed) < :most OR contains(listed, :key)"
            ),
            "ExpressionAttributeValues": {
                ":name": {key},
                ":key": key,
                ":most": MOST_KEYS,
                ":now": now,
            },
        }
        written = {
            "UpdateExpression": (
                "SET value_enc = :value, kms_key = :kms, updatedAt = :now,"
                " createdAt = if_not_exists(createdAt, :now)"
            ),
            "ExpressionAttributeValues": {
                ":value": sealed.blob,
                ":kms": sealed.kms_key,
                ":now": now,
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

    def delete(self, owner: str, key: str, *, together_with: Sequence[Write]) -> int | None:
        removed = {"ConditionExpression": "attribute_exists(PK)"}
        unlisted = {
            "UpdateExpression": "DELETE listed :name REMOVE #made",
            "ExpressionAttributeNames": {"#made": _MADE + key},
            "ExpressionAttributeValues": {":name": {key}},
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
        """Reads up to a hundred values together, and returns those that exist."""
        found: dict[Place, Sealed] = {}

        def read(keys: list[Any]) -> list[Any]:
            answer = self._client.batch_get_item(
                RequestItems={self._name: {"Keys": keys, "ConsistentRead": True}}
            )
            for item in map(unpacked, answer["Responses"].get(self._name, [])):
                place = item["PK"], item["SK"].removeprefix(_ENV)
                found[place] = Sealed(item["value_enc"], item["kms_key"])
            unread = answer["UnprocessedKeys"].get(self._name)
            return list(unread["Keys"]) if unread else []

        keys = [packed(_key(owner, _ENV + key)) for owner, key in places]
        if sent_again(
            keys, read, tries=_TRIES, first_pause_s=_FIRST_PAUSE_SECONDS, wait=time.sleep
        ):
            raise Busy
        return found

    def _item(self, owner: str, sk: str) -> Item:
        return {"TableName": self._name, "Key": _key(owner, sk)}


def _key(owner: str, sk: str) -> Item:
    return {"PK": owner, "SK": sk}
