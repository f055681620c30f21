"""The games, as the Lambdas see them. The deploy has checked their configuration."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Self

from lambdas.scores.errors import NoSuchRanking, UnknownGame, UnknownPeriod
from lambdas.scores.periods import Period, period_at, period_named
from lambdas.shared.values.wire import NO_BOARD_BEFORE

GAMES_FILE: Final = "games.json"
"""This file is beside the code in every package that reads games."""
EDGE_SKEW_MS: Final = 2000
"""SKEW_MS of cf_functions/lib/games.js: how far the clocks of two edge locations may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """What the Lambdas need of a game's configuration."""

    id: str
    order: tuple[tuple[str, str], ...]
    top_n: int
    periods: tuple[str, ...]
    timezone: str
    score_range: tuple[int, int]
    play_range: tuple[int, int]
    points_a_second: float | None
    grace_ms: int
    meta_bytes: int
    certified_players: bool
    pause_ms: int = 0
    since: date = NO_BOARD_BEFORE
    """The game's first day. Earlier periods do not exist."""

    @classmethod
    def from_config(cls, game_id: str, config: dict[str, Any]) -> Self:
        limits = config["limits"]
        return cls(
            id=game_id,
            order=tuple((key, direction) for key, direction in config["order"]),
            top_n=config["topN"],
            periods=tuple(config["periods"]),
            timezone=config["timezone"],
            score_range=(limits["score"]["min"], limits["score"]["max"]),
            play_range=(limits["playMs"]["min"], limits["playMs"]["max"]),
            points_a_second=limits["perSecond"],
            grace_ms=limits["graceMs"],
            meta_bytes=limits["metaBytes"],
            certified_players=config["identity"] == "key",
            pause_ms=limits["pauseMs"],
            since=date.fromisoformat(config.get("since") or NO_BOARD_BEFORE.isoformat()),
        )

    @property
    def ticket_ms(self) -> int:
        """How long after its start a play may be submitted: the edge ends it within its longest
        time and its pauses, and the grace follows."""
        return self.play_range[1] + self.pause_ms + EDGE_SKEW_MS + self.grace_ms

    def is_too_old(self, period: Period) -> bool:
        """Whether the period ended before the game's first day."""
        first = period_named(self.since.isoformat(), self.timezone)
        return (
            first is not None and period.ends_ms is not None and period.ends_ms <= first.begins_ms
        )


class Games:
    def __init__(self, configs: dict[str, dict[str, Any]]) -> None:
        self._games = {name: Game.from_config(name, config) for name, config in configs.items()}

    @classmethod
    def packaged(cls) -> Self:
        return cls(json.loads(Path(__file__).with_name(GAMES_FILE).read_text(encoding="utf-8")))

    def __iter__(self) -> Iterator[Game]:
        return iter(self._games.values())

    def named(self, game_id: str) -> Game:
        try:
            return self._games[game_id]
        except KeyError:
            raise UnknownGame from None


def resolve_period(game: Game, text: str, now_ms: int) -> Period:
    """An alias means the current period. An id may name any that has begun."""
    if text in game.periods:
        return period_at(text, game.timezone, now_ms)
    period = period_named(text, game.timezone)
    if period is None or period.kind not in game.periods or period.begins_ms > now_ms:
        raise UnknownPeriod(text, game.periods)
    return period


def readable_period(game: Game, text: str, now_ms: int) -> Period:
    """Like resolve_period, for reading: no ranking is older than the game."""
    period = resolve_period(game, text, now_ms)
    if game.is_too_old(period):
        raise NoSuchRanking(period.id, game.since.isoformat())
    return period
