"""Limits that no human needs are warned of, with the field and a suggestion."""

from typing import Any

import pytest

from config.games import Game, load_games
from config.limit_advice import advice

TIGHT: dict[str, Any] = {
    "title": "Taps",
    "order": [["score", "desc"]],
    "limits": {"score": {"min": 0, "max": 200}, "perSecond": 20},
}
RACE: dict[str, Any] = {
    "title": "Race",
    "order": [["timeMs", "asc"]],
    "limits": {"score": {"min": 1, "max": 1}, "playMs": {"min": 20_000, "max": 600_000}},
}


def advised(config: dict[str, Any]) -> list[str]:
    return list(advice({"taps": Game.model_validate(config)}))


def changed(config: dict[str, Any], **limits: Any) -> dict[str, Any]:
    return config | {"limits": config["limits"] | limits}


def test_the_bundled_games_have_limits_that_a_human_needs() -> None:
    assert list(advice(load_games())) == []


@pytest.mark.parametrize("config", [TIGHT, RACE])
def test_tight_limits_cause_no_warning(config: dict[str, Any]) -> None:
    assert advised(config) == []


@pytest.mark.parametrize(
    ("config", "field", "suggestion"),
    [
        (TIGHT | {"limits": {"perSecond": 20}}, "limits.score.max", "twice the best score"),
        (changed(TIGHT, perSecond=None), "limits.perSecond", "twice the points a second"),
        (changed(TIGHT, perSecond=0.01), "limits.score.max", '"max": 36'),
        (changed(RACE, score={"min": 0, "max": 1}), "limits.score", '{"min": 1, "max": 1}'),
        (changed(RACE, playMs={"min": 1000, "max": 9000}), "limits.playMs.min", "fastest human"),
        (changed(TIGHT, pauseMs=600_000), "limits.pauseMs", '"pauseMs": 300000 or less'),
        (changed(TIGHT, graceMs=3_600_000), "limits.graceMs", '"graceMs": 600000 or less'),
        (
            changed(TIGHT, playMs={"min": 1000, "max": 86_400_000}),
            "limits.playMs.max",
            '"max": 21600000 or less',
        ),
    ],
)
def test_a_wide_limit_is_named_with_a_suggestion(
    config: dict[str, Any], field: str, suggestion: str
) -> None:
    lines = [line for line in advised(config) if f"taps.json: {field}: " in line]
    assert len(lines) == 1, advised(config)
    assert suggestion in lines[0].partition("; suggestion: ")[2]


def test_a_lost_game_of_minesweeper_cannot_rank() -> None:
    limits = load_games()["minesweeper"].limits
    assert (limits.score.min, limits.score.max) == (1, 1)
    assert limits.playMs.min == 1_500
