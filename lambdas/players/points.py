"""Points: the ledger's events, what a change does to a balance, and the level that it makes."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from lambdas.players.errors import InsufficientPoints
from lambdas.shared.values.wire import LARGEST_INTEGER

REFERENCE: Final = re.compile(r"[A-Za-z0-9#@._:-]{1,128}")
"""What names a reward that is given once."""


class Event(NamedTuple):
    """One line of a user's ledger. Its version is that of the stats that it makes."""

    version: int
    delta: int
    balance: int
    reason: str
    at: str
    session_id: str | None = None
    message_id: str | None = None
    metadata: str | None = None
    """A JSON object."""


class Award(NamedTuple):
    """Points that are given or taken once: the same reference again changes nothing."""

    reference: str
    delta: int
    reason: str
    metadata: str | None = None


class LedgerError(Exception):
    """A ledger that does not add up."""


def balance_after(balance: int, delta: int) -> int:
    """Refuses what would leave a negative balance."""
    after = balance + delta
    if not 0 <= after <= LARGEST_INTEGER:
        raise InsufficientPoints(balance, delta)
    return after


def levels_in(text: str) -> tuple[int, ...]:
    """The points at which each level begins, the first at 0: "0,50,150"."""
    levels = tuple(int(each) for each in text.split(","))
    if levels[0] != 0 or any(a >= b for a, b in pairwise(levels)):
        raise ValueError(f"levels: {text!r} must begin with 0 and increase")
    return levels


def level_of(points: int, levels: Sequence[int]) -> int:
    """Intimacy level: 1 at no points, one more at each threshold."""
    return max(bisect_right(levels, points), 1)


def recount(events: Iterable[Event]) -> int:
    """The balance of a whole ledger, oldest event first; raises where it does not add up."""
    balance = 0
    for expected, event in enumerate(events, 1):
        if event.version != expected:
            raise LedgerError(f"version {expected} is missing; {event.version} follows")
        balance += event.delta
        if balance != event.balance or balance < 0:
            raise LedgerError(
                f"version {expected}: the sum is {balance}, and the event says {event.balance}"
            )
    return balance
