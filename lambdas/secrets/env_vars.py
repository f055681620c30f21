"""Reads a secret's name and value. No message repeats the value."""

from dataclasses import dataclass, field
from typing import Any, Final

from lambdas.shared.http.bodies import object_in
from lambdas.shared.http.errors import Malformed
from lambdas.shared.records.projects import MOST_KEY_CHARACTERS, is_key

MOST_VALUE_BYTES: Final = 4096
"""What KMS encrypts in one call, without a data key."""
MOST_KEYS: Final = 100
_MOST_BODY_BYTES: Final = 32_768
"""Escapes can make a value six times as long."""


@dataclass(frozen=True, slots=True)
class Change:
    """A secret's new value."""

    key: str
    value: str = field(repr=False)


def key_named(text: Any) -> str:
    if not is_key(text):
        raise Malformed(
            "key",
            "not a name such as GAME_API_KEY: capitals, digits and underscores, a letter first, "
            f"{MOST_KEY_CHARACTERS} at most",
        )
    return str(text)


def change_in(body: bytes) -> Change:
    sent = object_in(body, most_bytes=_MOST_BODY_BYTES, fields=("key", "value"))
    return Change(key_named(sent.get("key")), _value(sent.get("value")))


def _value(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("value", "missing, or not text")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise Malformed("value", "half of a surrogate pair is no character") from None
    if not 1 <= size <= MOST_VALUE_BYTES:
        raise Malformed("value", f"{size} bytes; 1 to {MOST_VALUE_BYTES}. DELETE removes a key")
    if "\0" in value:
        raise Malformed("value", "has a NUL, which no environment variable can hold")
    return value


def creator_owner(creator_id: str) -> str:
    return f"creator/{creator_id}"


def project_owner(project_id: str) -> str:
    return f"project/{project_id}"
