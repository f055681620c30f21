"""How the KeyTable stores API users and their keys.

`USERS` / {userId} is a user. `K#{hash}` / `KEY` is a key with what a request needs to know of its
user, so that one small read admits a request. Both are written together.
"""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from lambdas.shared.api_users.access import Principal
from lambdas.shared.api_users.errors import (
    TooManyKeys,
    UnknownUser,
    UnknownUserKey,
    UserChanged,
    UserExists,
)
from lambdas.shared.api_users.users import MOST_KEYS, Key, User
from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.dynamo.transactions import Write

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_USERS: Final = "USERS"
_HOUR_MS: Final = 3_600_000


class KeyTable(MeteredTable):
    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        super().__init__(client, name)
        self._noted: dict[str, int] = {}

    # Keys

    def key(self, key_hash: str) -> tuple[Principal, bool, int] | None:
        """Whom the key admits, whether the user is active, and when the key expires."""
        item = self._get(_key_of(key_hash), consistent=False)
        if item is None:
            return None
        principal = Principal(item["user"], item["role"], item["limit"], tuple(item["languages"]))
        return principal, item["active"], item["expiresMs"]

    def add_key(self, user: User, key: Key, now_ms: int) -> User:
        live = tuple(each for each in user.keys if each.is_live(now_ms))
        if len(live) >= MOST_KEYS:
            raise TooManyKeys(MOST_KEYS)
        gone = [each for each in user.keys if each not in live]
        return self._replace(user, replace(user, keys=(*live, key)), gone)

    def revoke(self, user: User, prefix: str) -> User:
        gone = [each for each in user.keys if each.prefix == prefix]
        if not gone:
            raise UnknownUserKey(prefix)
        left = tuple(each for each in user.keys if each not in gone)
        return self._replace(user, replace(user, keys=left), gone)

    # Users

    def create(self, user: User) -> User:
        created = replace(user, version=1)
        try:
            self._put(_user_item(created), ConditionExpression="attribute_not_exists(PK)")
        except ConditionFailed:
            raise UserExists(user.id) from None
        return created

    def user(self, user_id: str) -> User:
        item = self._get({"PK": _USERS, "SK": user_id}, consistent=True)
        if item is None:
            raise UnknownUser(user_id)
        return _user(item)

    def users(self) -> Iterator[User]:
        query: dict[str, Any] = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": _USERS},
        }
        for page in self._pages(query):
            yield from map(_user, page.items)

    def change(self, before: User, after: User) -> User:
        """Its keys change with it, at the same moment."""
        return self._replace(before, after, [])

    def remove(self, user: User) -> None:
        deletes: list[Write] = [
            {"Delete": {"TableName": self._name, "Key": _key_of(each.hash)}} for each in user.keys
        ]
        gone: Write = {
            "Delete": {
                "TableName": self._name,
                "Key": {"PK": _USERS, "SK": user.id},
                **_unchanged(user),
            }
        }
        if self._together(gone, *deletes) is not None:
            raise UserChanged

    def note_activity(self, user_id: str, now_ms: int, now: str) -> None:
        """At most one write an hour for each user and instance of the function."""
        hour = now_ms // _HOUR_MS
        if self._noted.get(user_id) == hour:
            return
        self._noted[user_id] = hour
        try:
            self._update(
                {"PK": _USERS, "SK": user_id},
                UpdateExpression="SET lastActiveAt = :now",
                ConditionExpression="attribute_exists(PK) AND lastActiveAt < :now",
                ExpressionAttributeValues={":now": now},
            )
        except ConditionFailed:
            return

    def _replace(self, before: User, after: User, gone: list[Key]) -> User:
        changed = replace(after, version=before.version + 1)
        writes: list[Write] = [
            {
                "Put": {
                    "TableName": self._name,
                    "Item": _user_item(changed),
                    **_unchanged(before),
                }
            },
            *({"Put": self._key_write(changed, each)} for each in changed.keys),
            *({"Delete": {"TableName": self._name, "Key": _key_of(each.hash)}} for each in gone),
        ]
        if self._together(*writes) is not None:
            raise UserChanged
        return changed

    def _key_write(self, user: User, key: Key) -> Item:
        item: Item = {
            **_key_of(key.hash),
            "user": user.id,
            "role": user.role,
            "limit": user.limit,
            "languages": list(user.languages),
            "active": user.active,
            "expiresMs": key.expires_ms,
        }
        if key.expires_ms:
            item["expires"] = key.expires_ms // 1000 + 86_400
        return {"TableName": self._name, "Item": item}


def _key_of(key_hash: str) -> Item:
    return {"PK": f"K#{key_hash}", "SK": "KEY"}


def _unchanged(user: User) -> Item:
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": user.version},
    }


def _user_item(user: User) -> Item:
    return {
        "PK": _USERS,
        "SK": user.id,
        "v": 1,
        "version": user.version,
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "limit": user.limit,
        "languages": list(user.languages),
        "active": user.active,
        "createdAt": user.created_at,
        "updatedAt": user.updated_at,
        "lastActiveAt": user.last_active_at,
        "keys": [asdict(each) for each in user.keys],
    }


def _user(item: Item) -> User:
    return User(
        id=item["SK"],
        role=item["role"],
        limit=item["limit"],
        languages=tuple(item["languages"]),
        active=item["active"],
        name=item["name"],
        email=item["email"],
        created_at=item["createdAt"],
        updated_at=item["updatedAt"],
        last_active_at=item["lastActiveAt"],
        keys=tuple(Key(**each) for each in item["keys"]),
        version=item["version"],
    )
