"""The name that a user chose, as everyone else sees it."""

from typing import Any

from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.names import LONGEST_NAME, clean_name, cleaned


def display_name(value: Any, field: str = "displayName") -> str:
    if not isinstance(value, str):
        raise Malformed(field, "not text")
    return clean_name(value, field)


def given_name(value: Any) -> str | None:
    """What a provider says, cut to the length of a name; None where nothing of it is visible."""
    if not isinstance(value, str):
        return None
    try:
        return clean_name(cleaned(value)[:LONGEST_NAME])
    except Malformed:
        return None
