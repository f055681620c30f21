"""The JSON of boards, and how long caches may keep it."""

import pytest

from lambdas.scores.answers import cache_control, ranking
from lambdas.scores.games import Game
from lambdas.scores.periods import EVER, Period
from tests.lambdas.scores.plays import Play

ENDS = 10_000_000
MONTH = Period("monthly", "2026-11", 0, ENDS)


@pytest.mark.parametrize(
    ("left_ms", "fresh", "stale"),
    [
        (ENDS, 600, 120),
        (721_000, 600, 120),
        (700_000, 600, 100),
        (600_000, 600, 0),
        (599_999, 599, 0),
        (1_000, 1, 0),
        (999, 0, 0),
        (0, 600, 120),
    ],
)
def test_an_open_board_is_never_kept_past_its_end(left_ms: int, fresh: int, stale: int) -> None:
    assert cache_control(MONTH, ENDS - left_ms) == (
        f"public, max-age=0, s-maxage={fresh}, stale-while-revalidate={stale}"
    )


def test_the_board_of_all_time_has_no_end() -> None:
    assert "s-maxage=600" in cache_control(EVER, 2**52)


def test_a_ranking_shows_no_more_than_asked_for_and_than_the_game_keeps(snake: Game) -> None:
    board = [Play(name, 9, 5, at, name).entry(snake) for at, name in enumerate("abcd")]
    answer = ranking(snake, EVER, board, 2, 1)
    assert [item["userId"] for item in answer["items"]] == ["a", "b"]
    assert [item["rank"] for item in answer["items"]] == [1, 2]
    assert answer["updatedAt"] == "1970-01-01T00:00:00.002Z"
    assert len(ranking(snake, EVER, board, 100, 1)["items"]) == 3


def test_an_empty_board_was_never_updated(snake: Game) -> None:
    assert ranking(snake, EVER, [], 100, 1) == {
        "gameId": "snake",
        "period": "all",
        "order": (("score", "desc"), ("timeMs", "asc")),
        "topN": 3,
        "from": 1,
        "items": [],
        "updatedAt": None,
    }
