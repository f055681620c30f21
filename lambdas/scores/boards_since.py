"""All boards of the games that a moment or a later one belongs to."""

from collections.abc import Iterable, Iterator

from lambdas.scores.games import Game
from lambdas.scores.periods import Period, period_at, period_before
from lambdas.scores.table import board_key


def periods_since(game: Game, now_ms: int, since_ms: int) -> Iterator[Period]:
    """The game's periods that had not ended at since_ms."""
    for kind in game.periods:
        period: Period | None = period_at(kind, game.timezone, now_ms)
        while period is not None and (period.ends_ms is None or period.ends_ms > since_ms):
            yield period
            period = period_before(period, game.timezone)


def boards_since(games: Iterable[Game], now_ms: int, since_ms: int) -> Iterator[str]:
    for game in games:
        for period in periods_since(game, now_ms, since_ms):
            yield board_key(game.id, period.id)
