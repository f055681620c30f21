"""The keys that play tokens are signed with: one that signs, and the one before it."""

import secrets
from collections.abc import Mapping
from typing import Final

from lambdas.shared.edge_store import Changes

CURRENT: Final = "k_current"
PREVIOUS: Final = "k_prev"
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class TooSoonError(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"plays signed with the previous key may still be under way: rotate in {seconds} s"
        )


def new_key(now_s: int) -> str:
    """Its id is the moment it was made, so its age can be told without its secret."""
    return f"{_base36(now_s)}:{secrets.token_urlsafe(32)}"


def made_at(key: str) -> int:
    return int(key.partition(":")[0], 36)


def first_key(values: Mapping[str, str], now_s: int) -> Changes:
    return Changes() if CURRENT in values else Changes(puts={CURRENT: new_key(now_s)})


def rotated(values: Mapping[str, str], now_s: int, longest_play_s: int) -> Changes:
    """The current key becomes the previous one, and is honoured until the next rotation.

    That retires what was the previous key, so every play it signed must be over.
    """
    current = values[CURRENT]
    if PREVIOUS in values:
        over_at = made_at(current) + longest_play_s
        if now_s < over_at:
            raise TooSoonError(over_at - now_s)
    fresh = new_key(max(now_s, made_at(current) + 1))
    return Changes(puts={PREVIOUS: current, CURRENT: fresh})


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
