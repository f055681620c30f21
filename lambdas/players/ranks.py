"""The ranking by total points: kept at its top by the table's stream, and never scanned."""

from collections.abc import Iterable
from typing import Final, NamedTuple

SHOWN: Final = 100
KEPT: Final = 200
"""Those behind the shown ones move up when a player's points fall."""


class Row(NamedTuple):
    user_id: str
    player_id: str
    name: str | None
    points: int
    version: int
    """Of the stats that it is made of."""


class Change(NamedTuple):
    """A change that the stream reports of a user; without points they leave the ranking."""

    user_id: str
    points: int
    version: int


class Renamed(NamedTuple):
    user_id: str
    name: str | None


def best_first(rows: Iterable[Row]) -> list[Row]:
    """Of equal points, the older account is first: ids sort by their making."""
    return sorted(rows, key=lambda row: (-row.points, row.user_id))


def enters(row: Row, rows: Iterable[Row]) -> bool:
    """Whether the row is among those that are kept."""
    others = best_first(each for each in rows if each.user_id != row.user_id)
    return len(others) < KEPT or best_first((others[KEPT - 1], row))[0] is row


def surplus(rows: Iterable[Row]) -> list[Row]:
    return best_first(rows)[KEPT:]
