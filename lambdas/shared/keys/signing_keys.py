"""Signing keys. Each has an id, which is the moment it was made."""

import secrets
from typing import Final

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def new_key(now_s: int) -> str:
    """Uses the moment as the id, so that the key's age can be read without its secret."""
    return f"{_base36(now_s)}:{secrets.token_urlsafe(32)}"


def made_at(key: str) -> int:
    return int(key.partition(":")[0], 36)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
