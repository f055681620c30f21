"""How plays compare, and how a board judges a submission."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Final

from lambdas.scores.errors import PlayAlreadySubmitted
from lambdas.shared.values.clock import from_iso
from lambdas.shared.values.wire import LARGEST_INTEGER

_DIGITS: Final = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""64 characters, in DynamoDB's sort order."""
_WIDTH: Final = 9
"""Nine characters of six bits hold any integer that JavaScript represents exactly."""

Order = tuple[tuple[str, str], ...]


def effective_order(order: Order) -> Order:
    """Where the order does not mention updatedAt, the earlier play ranks first."""
    if any(key == "updatedAt" for key, _ in order):
        return order
    return (*order, ("updatedAt", "asc"))


def _encode(number: int) -> str:
    return "".join([_DIGITS[number >> shift & 63] for shift in range(48, -6, -6)])


@lru_cache(maxsize=64)
def order_tag(order: Order) -> str:
    """Two characters that start every rank key, so that keys of different orders differ."""
    digest = hashlib.sha256(repr(effective_order(order)).encode()).digest()
    return _DIGITS[digest[0] & 63] + _DIGITS[digest[1] & 63]


def rank_key(order: Order, *, score: int, time_ms: int, updated_at_ms: int) -> str:
    """A string of fixed width that sorts best first."""
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
    """A fingerprint of the play and, after the dot, one of its submitted values."""
    moved: bool = False
    """Whether this play changed its player's rank. A repeated submission gets the same answer."""
    stored_rk: str | None = None
    """The stored rank key, where it belongs to an order that the game no longer has."""
    hidden_at: str | None = None
    """When an operator hid the row from everybody but its player."""

    @property
    def place(self) -> tuple[str, str]:
        """Sorts entries best first. The player's id breaks ties."""
        return (self.rk, self.user_id)


def in_order(order: Order, entries: Iterable[Entry]) -> list[Entry]:
    """Best first, by the game's present order, whichever order the rows were written in."""
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
    """Shows hidden players their own entry, so that they do not notice."""
    return [entry for entry in entries if entry.hidden_at is None or entry.user_id == user_id]


def entry_of(entries: Iterable[Entry], user_id: str) -> Entry | None:
    return next((entry for entry in entries if entry.user_id == user_id), None)


def rank_of(board: Sequence[Entry], user_id: str) -> int | None:
    return next((i for i, entry in enumerate(board, 1) if entry.user_id == user_id), None)


def same_play(entry: Entry, candidate: Entry) -> bool:
    """Whether the entry is of the candidate's play. Refuses that play with other values."""
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
    """Judges a candidate against a board that is sorted best first."""
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
    """Keeps the player hidden: a better play does not show the row again."""
    own = entry_of(board, candidate.user_id)
    if own is not None:
        candidate = replace(candidate, hidden_at=candidate.hidden_at or own.hidden_at)
    return best_first((*(entry for entry in board if entry is not own), candidate))
