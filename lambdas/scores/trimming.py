"""Brings a board of any size back to its top N, page by page, in flat memory.

Rows fall as soon as N better ones have been read, so a run that is interrupted has
not worked in vain: the next one reads only what is left.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lambdas.scores.games import Game, Games
from lambdas.scores.periods import Period, period_at, period_before
from lambdas.scores.rules import Entry, best_first, in_order
from lambdas.scores.table import ScoreTable, board_key


@dataclass(slots=True)
class Trimmed:
    rows: int = 0
    deleted: int = 0
    reranked: int = 0
    finished: bool = False
    last: Entry | None = None
    """The entry to beat, where the board is full."""


def due_boards(games: Iterable[Game], now_ms: int) -> Iterator[tuple[str, Period]]:
    """Every board that is open, and those that closed last: late plays may have raced there."""
    for game in games:
        for kind in game.periods:
            current = period_at(kind, game.timezone, now_ms)
            yield game.id, current
            previous = period_before(current, game.timezone)
            if previous is not None:
                yield game.id, previous


def trim(table: ScoreTable, game: Game, period_id: str, time_left: Callable[[], bool]) -> Trimmed:
    key = board_key(game.id, period_id)
    result = Trimmed()
    kept: list[Entry] = []
    for page in table.pages(key):
        result.rows += len(page.entries)
        board = best_first([*kept, *in_order(game.order, page.entries)])
        kept, fallen = board[: game.top_n], board[game.top_n :]
        result.deleted += sum(table.evict(key, entry) for entry in fallen)
        if page.next is not None and not time_left():
            return result
    for entry in kept:
        if entry.stored_rk is not None:
            table.rerank(key, entry)
            result.reranked += 1
    result.finished = True
    result.last = kept[-1] if len(kept) == game.top_n else None
    return result


def trim_boards(
    table: ScoreTable,
    games: Games,
    boards: list[list[str]],
    time_left: Callable[[], bool],
    report: Callable[[str, str, Trimmed], None],
) -> list[list[str]]:
    """Trims board after board while there is time, one at least; returns those that are left."""
    for done, (game_id, period_id) in enumerate(boards):
        if done and not time_left():
            return boards[done:]
        trimmed = trim(table, games.named(game_id), period_id, time_left)
        report(game_id, period_id, trimmed)
        if not trimmed.finished:
            return boards[done:]
    return []
