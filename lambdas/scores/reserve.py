"""Moves entries between a board and its reserve, so that a flood pushes nobody off for good."""

from collections.abc import Sequence

from lambdas.scores.games import Game
from lambdas.scores.rules import Entry, best_first, in_order, visible
from lambdas.scores.settle import in_waiting
from lambdas.scores.table import ScoreTable


def take_off(
    table: ScoreTable, key: str, fallen: Sequence[Entry], top_n: int, *, most: int | None = None
) -> list[bool]:
    """Takes what fell off the board, or the worst `most` of it; False for each row that stays.

    The reserve gets the best N, as many as a board can need. An import may have left thousands.
    """
    due = list(enumerate(fallen))[-most if most else 0 :]
    return [
        table.retire(key, entry) if place < top_n else table.evict(key, entry)
        for place, entry in due
    ]


def refill(table: ScoreTable, game: Game, key: str, board: Sequence[Entry]) -> list[Entry]:
    """Promotes the best of the reserve to a board that has room; returns what it promoted."""
    room = game.top_n - len(visible(board))
    if room <= 0:
        return []
    promoted: list[Entry] = []
    for entry in _waiting(table, game, key, board):
        if len(promoted) == room:
            break
        if table.promote(key, entry):
            promoted.append(entry)
    return promoted


def _waiting(table: ScoreTable, game: Game, key: str, board: Sequence[Entry]) -> list[Entry]:
    """Reads the reserve in constant memory: a flood may have made it long."""
    waiting: list[Entry] = []
    for page in table.reserve(key):
        found = in_order(game.order, page.entries)
        waiting = in_waiting(board, best_first([*waiting, *found]), game.top_n)
    return waiting
