"""The keys of play tokens: the one that signs, and the one before it."""

from collections.abc import Mapping
from typing import Final

from lambdas.shared.edge_store import CURRENT_KEY, PREVIOUS_KEY, Changes
from lambdas.shared.keys.signing_keys import made_at, new_key

CURRENT: Final = CURRENT_KEY
PREVIOUS: Final = PREVIOUS_KEY


class TooSoonError(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"plays signed with the previous key may still go on; rotate again in {seconds} s"
        )


def first_key(values: Mapping[str, str], now_s: int) -> Changes:
    return Changes() if CURRENT in values else Changes(puts={CURRENT: new_key(now_s)})


def announced(values: Mapping[str, str], now_s: int, longest_play_s: int) -> Changes:
    """Adds a key that is accepted before it signs: edge locations learn of it at different times.

    It replaces the previous key, so every play that the previous key signed must be over.
    """
    current = values[CURRENT]
    if _is_announced(values):
        return Changes()
    if PREVIOUS in values:
        over_at = made_at(current) + longest_play_s
        if now_s < over_at:
            raise TooSoonError(over_at - now_s)
    return Changes(puts={PREVIOUS: new_key(max(now_s, made_at(current) + 1))})


def promoted(values: Mapping[str, str]) -> Changes:
    """Makes the announced key sign. The one before it is accepted until the next rotation."""
    if not _is_announced(values):
        return Changes()
    return Changes(puts={PREVIOUS: values[CURRENT], CURRENT: values[PREVIOUS]})


def _is_announced(values: Mapping[str, str]) -> bool:
    return PREVIOUS in values and made_at(values[PREVIOUS]) > made_at(values[CURRENT])
