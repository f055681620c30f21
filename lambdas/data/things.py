"""Reads requests for custom data, and checks them field by field."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lambdas.data.errors import UnknownItem
from lambdas.shared.http.bodies import kept_object, object_in
from lambdas.shared.http.errors import Malformed
from lambdas.shared.http.requests import limit_in
from lambdas.shared.keys.tokens import NoToken
from lambdas.shared.records.projects import COLLECTION
from lambdas.shared.values.uuids import is_uuid, made_ms, uuid7

MOST_DATA_BYTES: Final = 8192
MOST_BODY_BYTES: Final = 16_384
MOST_ITEMS: Final = 50
_ITEMS_UNASKED: Final = 20
_ID_LEEWAY_MS: Final = 300_000
_COLLECTION: Final = re.compile(COLLECTION)
_OWNER: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_SORT_KEY: Final = re.compile(r"(?:I|O#[\w-]{1,64})#[0-9a-f-]{36}", re.ASCII)
_BEARER: Final = re.compile(r"bearer +(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A collection, as one visitor sees it."""

    project_id: str
    collection: str
    owner: str
    private: bool
    declared: bool = False
    """By the project's settings. The limit on collections does not apply to it."""
    keep_days: int | None = None
    """How long an item is kept after its last change; None keeps it for ever."""

    def expiry(self, changed_ms: int) -> int | None:
        """When an item of that change expires, in seconds; None where it does not."""
        return None if self.keep_days is None else changed_ms // 1000 + self.keep_days * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One item of a collection."""

    id: str
    owner: str
    data: str
    """JSON text."""
    created_ms: int
    updated_ms: int
    expires: int | None = None
    """In seconds. DynamoDB deletes it within days; until then nobody is shown it."""

    def is_over(self, now_ms: int) -> bool:
        return self.expires is not None and self.expires * 1000 <= now_ms


def read_bearer(headers: Mapping[str, str]) -> str:
    match = _BEARER.fullmatch(headers.get("authorization", ""))
    if match is None:
        raise NoToken
    return match[1]


def read_collection(text: str) -> str:
    if not _COLLECTION.fullmatch(text):
        raise Malformed("collection", "not 1 to 40 of a-z, 0-9, _ and - that begin with a letter")
    return text


def read_id(text: str) -> str:
    if not is_uuid(text):
        raise UnknownItem
    return text.lower()


def read_new(body: bytes, place: Place, now_ms: int) -> Thing:
    """A game that makes the id itself can safely send the same item again."""
    content = object_in(body, most_bytes=MOST_BODY_BYTES, fields=("data", "id"))
    return Thing(
        id=_fresh_id(content.get("id"), now_ms),
        owner=place.owner,
        data=_data(content),
        created_ms=now_ms,
        updated_ms=now_ms,
        expires=place.expiry(now_ms),
    )


def read_change(body: bytes) -> str:
    return _data(object_in(body, most_bytes=MOST_BODY_BYTES, fields=("data",)))


def read_page(query: Mapping[str, str]) -> tuple[int, str | None]:
    limit = limit_in(query, most=MOST_ITEMS, usual=_ITEMS_UNASKED)
    cursor = query.get("cursor")
    return limit, None if cursor is None else _id_in(cursor)


def read_owner(query: Mapping[str, str]) -> str | None:
    owner = query.get("owner")
    if owner is not None and not _OWNER.fullmatch(owner):
        raise Malformed("owner", "not the owner of an item, as the list of items shows it")
    return owner


def read_creator_page(query: Mapping[str, str]) -> tuple[int, str | None]:
    """A creator's cursor holds a sort key, because it continues among private items, too."""
    limit = limit_in(query, most=MOST_ITEMS, usual=_ITEMS_UNASKED)
    cursor = query.get("cursor")
    if cursor is None:
        return limit, None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        sort_key = base64.b64decode(padded, b"-_", validate=True).decode()
    except ValueError:
        sort_key = ""
    if not _SORT_KEY.fullmatch(sort_key):
        raise Malformed("cursor", "not a cursor from an earlier page")
    return limit, sort_key


def creator_cursor(sort_key: str) -> str:
    return base64.urlsafe_b64encode(sort_key.encode()).decode().rstrip("=")


def cursor_after(thing_id: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(thing_id.replace("-", ""))).decode().rstrip("=")


def _id_in(cursor: str) -> str:
    try:
        digits = base64.b64decode(cursor + "==", b"-_", validate=True).hex()
    except (binascii.Error, ValueError):
        digits = ""
    if len(digits) != 32:
        raise Malformed("cursor", "not a cursor from an earlier page")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _data(content: dict[str, Any]) -> str:
    if "data" not in content:
        raise Malformed("data", "missing")
    return kept_object("data", content["data"], MOST_DATA_BYTES)


def _fresh_id(value: Any, now_ms: int) -> str:
    """Lists sort items by the moments in their ids, so an id must be of now."""
    if value is None:
        return uuid7(now_ms)
    if not is_uuid(value) or value[14] != "7" or abs(made_ms(value) - now_ms) > _ID_LEEWAY_MS:
        raise Malformed("id", "not a UUID of version 7 that was made just now")
    return str(value).lower()
