"""Boards to measure on."""

from typing import Final

from lambdas.scores.games import Game
from lambdas.scores.rules import Entry, rank_key
from lambdas.shared.values.clock import iso

SNAKE: Final = Game(
    id="snake",
    order=(("score", "desc"), ("timeMs", "asc")),
    top_n=100,
    periods=("all",),
    timezone="UTC",
    score_range=(0, 9999),
    play_range=(0, 3_600_000),
    points_a_second=None,
    grace_ms=90_000,
    meta_bytes=512,
    certified_players=True,
)


def entry_of_play(*, user_id: str, score: int, at: int, play: str) -> Entry:
    return Entry(
        user_id=user_id,
        user_name="twelve chars",
        score=score,
        time_ms=60_000,
        updated_at=iso(at),
        rk=rank_key(SNAKE.order, score=score, time_ms=60_000, updated_at_ms=at),
        play=play,
    )
