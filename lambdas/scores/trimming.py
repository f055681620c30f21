"""Brings a board of any size back to its top N, page by page, in flat memory.

Rows fall as soon as N better ones have been read, so a run that is interrupted has
not worked in vain: the next one reads only what is left.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lambdas.scores.games import Game, Games
from lambdas.scores.periods import Period, from_iso, period_at, period_before
from lambdas.scores.rules import Entry, best_first, rank_key
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
        entries = [_reranked(table, key, game, entry, result) for entry in page.entries]
        board = best_first([*kept, *entries])
        kept, fallen = board[: game.top_n], board[game.top_n :]
        result.deleted += sum(table.evict(key, entry) for entry in fallen)
        if page.next is not None and not time_left():
            return result
    result.finished = True
    result.last = kept[-1] if len(kept) == game.top_n else None
    return result


def _reranked(table: ScoreTable, key: str, game: Game, entry: Entry, result: Trimmed) -> Entry:
    """A game's order may have changed since the row was written."""
    rk = rank_key(
        game.order,
        score=entry.score,
        time_ms=entry.time_ms,
        updated_at_ms=from_iso(entry.updated_at),
    )
    if rk == entry.rk:
        return entry
    table.rerank(key, entry, rk)
    result.reranked += 1
    return replace(entry, rk=rk)


def trim_boards(
    table: ScoreTable,
    games: Games,
    boards: list[list[str]],
    time_left: Callable[[], bool],
    report: Callable[[str, str, Trimmed], None],
) -> list[list[str]]:
    """Trims board after board while there is time; returns those that are left."""
    for done, (game_id, period_id) in enumerate(boards):
        if not time_left():
            return boards[done:]
        trimmed = trim(table, games.named(game_id), period_id, time_left)
        report(game_id, period_id, trimmed)
        if not trimmed.finished:
            return boards[done:]
    return []
