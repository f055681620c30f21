"""Rankings exist of the periods between a game's first day and now."""

import json
from datetime import date

import pytest

from lambdas.scores.errors import NoSuchRanking, UnknownPeriod
from lambdas.scores.games import Game, Games, readable_period, resolve_period
from lambdas.shared.values.clock import from_iso
from lambdas.shared.values.wire import NO_BOARD_BEFORE

NOW = from_iso("2026-11-27T12:00:00.000Z")
CONFIG = {
    "order": [["score", "desc"]],
    "topN": 100,
    "periods": ["all", "monthly", "weekly", "daily"],
    "timezone": "Asia/Tokyo",
    "limits": {
        "score": {"min": 0, "max": 9},
        "playMs": {"min": 1, "max": 9},
        "perSecond": None,
        "graceMs": 1,
        "pauseMs": 1,
        "metaBytes": 1,
    },
    "identity": "key",
}


def game(**more: object) -> Game:
    return Games({"snake": json.loads(json.dumps(CONFIG | more))}).named("snake")


@pytest.mark.parametrize(
    "text", ["all", "monthly", "2026-11", "2026-W46", "2026-11-11", "2026-11-27"]
)
def test_a_period_since_the_first_day_can_be_read(text: str) -> None:
    assert readable_period(game(since="2026-11-11"), text, NOW)


@pytest.mark.parametrize("text", ["2026-10", "2026-W45", "2026-11-10", "2020-01", "0001-01-01"])
def test_no_ranking_is_older_than_the_game(text: str) -> None:
    with pytest.raises(NoSuchRanking, match="ended before 2026-11-11, this game's first day"):
        readable_period(game(since="2026-11-11"), text, NOW)


@pytest.mark.parametrize("text", ["2026-12", "2026-11-29", "9999-12-31", "2026-13"])
def test_no_ranking_is_of_the_future(text: str) -> None:
    with pytest.raises(UnknownPeriod):
        readable_period(game(since="2026-11-11"), text, NOW)


@pytest.mark.parametrize("config", [{}, {"since": None}])
def test_a_game_without_a_first_day_has_one_before_every_board(config: dict[str, None]) -> None:
    assert game(**config).since == NO_BOARD_BEFORE == date(2026, 1, 1)
    assert readable_period(game(**config), "2026-01-01", NOW)
    with pytest.raises(NoSuchRanking):
        readable_period(game(**config), "2025-12-31", NOW)


def test_an_old_period_is_still_closed_to_submissions_by_its_end() -> None:
    assert resolve_period(game(since="2026-11-11"), "2020-01", NOW).id == "2020-01"
