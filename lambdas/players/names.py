"""The name that a user chose, as everyone else sees it."""

import re
import unicodedata
from typing import Any, Final

from lambdas.players.messages import cleaned, shows
from lambdas.shared.http.errors import Malformed

LONGEST_NAME: Final = 24
_INVISIBLE: Final = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")


def display_name(value: Any, field: str = "displayName") -> str:
    """NFKC, nothing that hides or reorders text, 1 to 24 characters."""
    if not isinstance(value, str):
        raise Malformed(field, "not text")
    name = cleaned(unicodedata.normalize("NFKC", _INVISIBLE.sub("", value)))
    if not any(map(shows, name)):
        raise Malformed(field, f"nothing of it is visible; send 1 to {LONGEST_NAME} characters")
    if len(name) > LONGEST_NAME:
        raise Malformed(field, f"{len(name)} characters; at most {LONGEST_NAME}")
    return name


def given_name(value: Any) -> str | None:
    """What a provider says, cut to the length of a name; None where nothing of it is visible."""
    if not isinstance(value, str):
        return None
    try:
        return display_name(cleaned(unicodedata.normalize("NFKC", value))[:LONGEST_NAME])
    except Malformed:
        return None
