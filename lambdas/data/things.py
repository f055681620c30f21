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


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One item of a collection."""

    id: str
    owner: str
    data: str
    """JSON text."""
    created_ms: int
    updated_ms: int


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


def read_new(body: bytes, owner: str, now_ms: int) -> Thing:
    """A game that makes the id itself can safely send the same item again."""
    content = object_in(body, most_bytes=MOST_BODY_BYTES, fields=("data", "id"))
    return Thing(
        id=_fresh_id(content.get("id"), now_ms),
        owner=owner,
        data=_data(content),
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def read_change(body: bytes) -> str:
    return _data(object_in(body, most_bytes=MOST_BODY_BYTES, fields=("data",)))


def read_page(query: Mapping[str, str]) -> tuple[int, str | None]:
    limit = limit_in(query, most=MOST_ITEMS, usual=_ITEMS_UNASKED)
    cursor = query.get("cursor")
    return limit, None if cursor is None else _id_in(cursor)


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
