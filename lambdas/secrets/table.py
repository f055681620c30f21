"""SecretTable: the only module that knows how sealed values are stored.

An owner is "creator/…" or "project/…", as the values are sealed for.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from lambdas.secrets.env_vars import MOST_KEYS
from lambdas.secrets.errors import TooManyKeys, UnknownKey
from lambdas.secrets.vault import Sealed
from lambdas.shared.dynamo.transactions import write_together
from lambdas.shared.dynamo.units import Spent
from lambdas.shared.http.errors import Busy

_ENV: Final = "ENV#"
_MADE: Final = "made#"
_TRIES: Final = 5

Item = dict[str, Any]
Place = tuple[str, str]
"""An owner, and a key of it."""


def kind_of(key: str) -> str:
    """Of an item by its sort key; the list of names is none of its own."""
    return "keys" if key.startswith(_ENV) else ""


class SecretTable:
    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name
        self.spent = Spent()

    def keys(self, owner: str) -> list[str]:
        """In the order of their making, from one item: no value is read to tell its name."""
        answer = self._client.get_item(
            TableName=self._name,
            Key=_key(owner, "NAMES"),
            ConsistentRead=True,
            ReturnConsumedCapacity="TOTAL",
        )
        self.spent.read(answer)
        item = answer.get("Item", {})
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
        failed = self._write(
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
        failed = self._write(
            *together_with,
            {"Delete": self._item(owner, _ENV + key) | removed},
            {"Update": self._item(owner, "NAMES") | unlisted},
        )
        if failed == len(together_with):
            raise UnknownKey
        return failed

    def sealed(self, places: Iterable[Place]) -> dict[Place, Sealed]:
        """What there is of up to a hundred, read together."""
        keys = [_key(owner, _ENV + key) for owner, key in places]
        found: dict[Place, Sealed] = {}
        for _ in range(_TRIES):
            if not keys:
                return found
            answer = self._client.batch_get_item(
                RequestItems={self._name: {"Keys": keys, "ConsistentRead": True}}
            )
            for item in answer["Responses"].get(self._name, []):
                place = item["PK"]["S"], item["SK"]["S"].removeprefix(_ENV)
                found[place] = Sealed(bytes(item["value_enc"]["B"]), item["kms_key"]["S"])
            keys = answer["UnprocessedKeys"].get(self._name, {}).get("Keys", [])
        raise Busy

    def _item(self, owner: str, sk: str) -> Item:
        return {"TableName": self._name, "Key": _key(owner, sk)}

    def _write(self, *writes: Item) -> int | None:
        return write_together(self._client, self.spent, writes)


def _key(owner: str, sk: str) -> Item:
    return {"PK": {"S": owner}, "SK": {"S": sk}}
