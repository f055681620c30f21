"""The boards of games and their periods. The table itself cannot list its boards."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from lambdas.scores.games import Game
from lambdas.scores.periods import Period, period_at, period_before
from lambdas.scores.rules import Entry, best_first, in_order, visible
from lambdas.scores.table import Page, ScoreTable, board_key


@dataclass(frozen=True, slots=True)
class Board:
    game: Game
    period: Period

    @property
    def key(self) -> str:
        return board_key(self.game.id, self.period.id)

    @property
    def name(self) -> str:
        return f"{self.game.id}/{self.period.id}"


def boards_of(games: Iterable[Game], now_ms: int, *, past: int) -> Iterator[Board]:
    """The open boards, and the last `past` closed boards of each kind."""
    for game in games:
        for kind in game.periods:
            period: Period | None = period_at(kind, game.timezone, now_ms)
            for _ in range(past + 1):
                if period is None:
                    break
                yield Board(game, period)
                period = period_before(period, game.timezone)


def boards_since(games: Iterable[Game], now_ms: int, since_ms: int) -> Iterator[Board]:
    """All boards that had not ended at since_ms."""
    for game in games:
        for kind in game.periods:
            period: Period | None = period_at(kind, game.timezone, now_ms)
            while period is not None and (period.ends_ms is None or period.ends_ms > since_ms):
                yield Board(game, period)
                period = period_before(period, game.timezone)


@dataclass(slots=True)
class Census:
    """The counts of one board. Memory grows with its top N, not with the board."""

    game: Game
    entries: int = 0
    hidden: int = 0
    unreadable: int = 0
    updated_at: str | None = None
    best: list[Entry] = field(default_factory=list)

    @classmethod
    def of(cls, table: ScoreTable, board: Board) -> Self:
        census = cls(board.game)
        for page in table.pages(board.key):
            census.count(page)
        return census

    def count(self, page: Page) -> None:
        entries = visible(page.entries)
        self.entries += len(entries)
        self.hidden += len(page.entries) - len(entries)
        self.unreadable += len(page.unreadable)
        moments = [entry.updated_at for entry in page.entries]
        self.updated_at = max([*moments, self.updated_at or ""]) or None
        ranked = in_order(self.game.order, entries)
        self.best = best_first([*self.best, *ranked])[: self.game.top_n]

    @property
    def last(self) -> Entry | None:
        """The entry to beat, if the board is full."""
        return self.best[-1] if len(self.best) == self.game.top_n else None
