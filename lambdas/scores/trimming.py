"""Trims a board of any size to its top N, page by page, in constant memory.

A board with room gets the best of its reserve.

It deletes a row as soon as it has read N better ones. So an interrupted run has made progress,
and the next one reads only what is left.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lambdas.scores.games import Game, Games
from lambdas.scores.periods import Period, period_at, period_before
from lambdas.scores.reserve import refill, take_off
from lambdas.scores.rules import Entry, best_first, in_order, visible
from lambdas.scores.table import ScoreTable, board_key

_MOST_NAMED: Final = 20


@dataclass(slots=True)
class Trimmed:
    """What trimming found and did on one board."""

    rows: int = 0
    deleted: int = 0
    """The best of them are in the reserve."""
    promoted: int = 0
    reranked: int = 0
    hidden: int = 0
    """Rows that operators hid. They do not count as part of the top N, and are never trimmed."""
    unreadable: int = 0
    problems: list[str] = field(default_factory=list)
    """The problems of the first few unreadable rows."""
    finished: bool = False
    last: Entry | None = None
    """The entry to beat, where the board is full."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Takes each board's result, or the failure."""

    trimmed: Callable[[str, str, Trimmed], None]
    failed: Callable[[str, str, Exception], None]


def due_boards(games: Iterable[Game], now_ms: int) -> Iterator[tuple[str, Period]]:
    """Every open board, and those that closed last, where late plays may have raced."""
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
    all_hidden: list[Entry] = []
    # Consistent, so that a row which an operator has just removed is not the entry to beat.
    for page in table.pages(key, consistent=True):
        result.rows += len(page.entries) + len(page.unreadable)
        result.unreadable += len(page.unreadable)
        result.problems += map(str, page.unreadable[: _MOST_NAMED - len(result.problems)])
        entries = in_order(game.order, page.entries)
        hidden = [entry for entry in entries if entry.hidden_at is not None]
        all_hidden += hidden
        result.hidden += len(hidden)
        _rerank(table, key, hidden, result)
        board = best_first([*kept, *visible(entries)])
        kept, fallen = board[: game.top_n], board[game.top_n :]
        result.deleted += sum(take_off(table, key, fallen, game.top_n))
        if not page.is_last and not time_left():
            return result
    _rerank(table, key, kept, result)
    promoted = refill(table, game, key, [*kept, *all_hidden])
    result.promoted = len(promoted)
    kept = best_first([*kept, *promoted])
    result.finished = True
    result.last = kept[-1] if len(kept) == game.top_n else None
    return result


def _rerank(table: ScoreTable, key: str, entries: Iterable[Entry], result: Trimmed) -> None:
    for entry in entries:
        if entry.stored_rk is not None:
            table.rerank(key, entry)
            result.reranked += 1


def trim_boards(
    table: ScoreTable,
    games: Games,
    boards: list[list[str]],
    time_left: Callable[[], bool],
    report: Reports,
) -> list[list[str]]:
    """Trims at least one board, and more while there is time. Returns those that are left.

    Reports a board that cannot be trimmed, and continues with the others.
    """
    for done, (game_id, period_id) in enumerate(boards):
        if done and not time_left():
            return boards[done:]
        try:
            trimmed = trim(table, games.named(game_id), period_id, time_left)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the other boards are due
            report.failed(game_id, period_id, failure)
            continue
        report.trimmed(game_id, period_id, trimmed)
        if not trimmed.finished:
            return boards[done:]
    return []
