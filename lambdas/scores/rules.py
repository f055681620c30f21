"""The ranking itself: how plays compare, and what a submission does to a board."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Final

from lambdas.scores.errors import PlayAlreadySubmitted
from lambdas.scores.periods import from_iso
from lambdas.shared.values.wire import LARGEST_INTEGER

_DIGITS: Final = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""64 characters in the order in which DynamoDB sorts them."""
_WIDTH: Final = 9
"""54 bits, six a character: one sign-safe JavaScript integer."""

Order = tuple[tuple[str, str], ...]


def effective_order(order: Order) -> Order:
    """Where a game is silent, the earlier play stands first."""
    if any(key == "updatedAt" for key, _ in order):
        return order
    return (*order, ("updatedAt", "asc"))


def _encode(number: int) -> str:
    return "".join([_DIGITS[number >> shift & 63] for shift in range(48, -6, -6)])


@lru_cache(maxsize=64)
def order_tag(order: Order) -> str:
    """Two characters in front of every rank key: keys of different orders do not compare."""
    digest = hashlib.sha256(repr(effective_order(order)).encode()).digest()
    return _DIGITS[digest[0] & 63] + _DIGITS[digest[1] & 63]


def rank_key(order: Order, *, score: int, time_ms: int, updated_at_ms: int) -> str:
    """The order as one string that sorts best first, of the same width whatever the values."""
    values = {"score": score, "timeMs": time_ms, "updatedAt": updated_at_ms}
    keys = [
        _encode(values[key] + LARGEST_INTEGER)
        if direction == "asc"
        else _encode(LARGEST_INTEGER - values[key])
        for key, direction in effective_order(order)
    ]
    return order_tag(order) + "".join(keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One player's row on one board."""

    user_id: str
    user_name: str
    score: int
    time_ms: int
    updated_at: str
    rk: str
    play: str
    """A fingerprint of the play and, after the dot, of the values it was submitted with."""
    moved: bool = False
    """Whether this play changed its player's rank: a repeated submission is told the same."""
    stored_rk: str | None = None
    """What the row says where its rank key is of an order that the game no longer has."""
    hidden_at: str | None = None
    """When an operator hid it from everybody but its player."""

    @property
    def place(self) -> tuple[str, str]:
        """Sorts entries best first; the player's id settles what the order cannot."""
        return (self.rk, self.user_id)


def in_order(order: Order, entries: Iterable[Entry]) -> list[Entry]:
    """Best first, by the game's order of today, whatever order the rows were written in."""
    tag = order_tag(order)
    return best_first(
        entry if entry.rk.startswith(tag) else _reranked(order, entry) for entry in entries
    )


def _reranked(order: Order, entry: Entry) -> Entry:
    rk = rank_key(
        order,
        score=entry.score,
        time_ms=entry.time_ms,
        updated_at_ms=from_iso(entry.updated_at),
    )
    return replace(entry, rk=rk, stored_rk=entry.rk)


def best_first(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.place)


def visible(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.hidden_at is None]


def seen_by(user_id: str, entries: Iterable[Entry]) -> list[Entry]:
    """A hidden player is not told: they see themselves where they would stand."""
    return [entry for entry in entries if entry.hidden_at is None or entry.user_id == user_id]


def entry_of(entries: Iterable[Entry], user_id: str) -> Entry | None:
    return next((entry for entry in entries if entry.user_id == user_id), None)


def rank_of(board: Sequence[Entry], user_id: str) -> int | None:
    return next((i for i, entry in enumerate(board, 1) if entry.user_id == user_id), None)


def same_play(entry: Entry, candidate: Entry) -> bool:
    """Whether the entry comes from the candidate's play; refuses the play with other values."""
    if entry.play == candidate.play:
        return True
    if entry.play.partition(".")[0] == candidate.play.partition(".")[0]:
        raise PlayAlreadySubmitted
    return False


class Verdict(Enum):
    TAKE = "take"
    REPEATED = "repeated"
    NOT_BETTER = "not better"


def judge(board: Sequence[Entry], candidate: Entry, top_n: int) -> Verdict:
    """What becomes of a candidate on a board that is sorted best first."""
    own = entry_of(board, candidate.user_id)
    if own is not None:
        if same_play(own, candidate):
            return Verdict.REPEATED
        if own.rk <= candidate.rk:
            return Verdict.NOT_BETTER
    others = [entry for entry in board if entry is not own]
    if len(others) >= top_n and others[top_n - 1].place < candidate.place:
        return Verdict.NOT_BETTER
    return Verdict.TAKE


def with_candidate(board: Sequence[Entry], candidate: Entry) -> list[Entry]:
    """As hidden as its player's entry was: a better play does not bring it back."""
    own = entry_of(board, candidate.user_id)
    if own is not None:
        candidate = replace(candidate, hidden_at=candidate.hidden_at or own.hidden_at)
    return best_first((*(entry for entry in board if entry is not own), candidate))
