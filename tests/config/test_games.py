"""A game is a JSON file; what is wrong with one is said with file and field, all at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.games import load_games, runtime_form
from config.model import ConfigError
from lambdas.scores.games import Games

WEEK_MS = 7 * 24 * 3600 * 1000
SNAKE: dict[str, Any] = {"title": "Snake", "order": [["score", "desc"]], "periods": ["all"]}


def write(directory: Path, name: str, content: Any) -> Path:
    path = directory / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def problem(directory: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_games(directory)
    return str(caught.value)


def test_the_bundled_games_are_valid_and_cover_different_orders() -> None:
    games = load_games()
    assert games["snake"].order == [("score", "desc"), ("timeMs", "asc")]
    assert games["minesweeper"].order == [("timeMs", "asc")]


def test_adding_a_game_is_adding_a_file(tmp_path: Path) -> None:
    write(tmp_path, "my-game-2.json", SNAKE)
    game = load_games(tmp_path)["my-game-2"]
    assert (game.topN, game.limits.graceMs, game.identity) == (100, 90_000, "key")


def test_the_lambdas_read_what_was_written(tmp_path: Path) -> None:
    write(tmp_path, "tetris.json", SNAKE | {"topN": 7, "limits": {"score": {"min": -5, "max": 5}}})
    game = Games(json.loads(runtime_form(load_games(tmp_path)))).named("tetris")
    assert game.order == (("score", "desc"),)
    assert (game.top_n, game.score_range, game.certified_players) == (7, (-5, 5), True)


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"order": [["points", "desc"]]}, "order.0.0", "score"),
        ({"order": [["score", "down"]]}, "order.0.1", "asc"),
        ({"order": []}, "order", "at least 1"),
        ({"order": [["score", "asc"], ["score", "desc"]]}, "order", "named twice: score"),
        ({"periods": ["all", "yearly"]}, "periods.1", "monthly"),
        ({"periods": ["all", "all"]}, "periods", "named twice: all"),
        ({"topN": 0}, "topN", "greater than or equal to 1"),
        ({"topN": 1001}, "topN", "less than or equal to 1000"),
        ({"topN": "100"}, "topN", "valid integer"),
        ({"topN": True}, "topN", "valid integer"),
        ({"timezone": "Asia/Kyoto"}, "timezone", "'Asia/Kyoto' is not an IANA time zone"),
        ({"identity": "email"}, "identity", "key"),
        ({"titel": "x"}, "titel", "no such field; fix: remove it"),
        ({"title": ""}, "title", "at least 1 character"),
        ({"limits": {"score": {"min": 2, "max": 1}}}, "limits.score", "min 2 is above max 1"),
        ({"limits": {"score": {"min": 0, "max": 2**53}}}, "limits.score.max", "less than"),
        ({"limits": {"playMs": {"min": -1, "max": 1}}}, "limits.playMs", "less than 0 ms"),
        ({"limits": {"perSecond": 0}}, "limits.perSecond", "greater than 0"),
        ({"limits": {"graceMs": 1.5}}, "limits.graceMs", "valid integer"),
        ({"limits": {"graceMs": WEEK_MS + 1}}, "limits.graceMs", "less than or equal to 604800000"),
        ({"limits": {"pauseMs": WEEK_MS + 1}}, "limits.pauseMs", "less than or equal to 604800000"),
        ({"limits": {"pauseMs": -1}}, "limits.pauseMs", "greater than or equal to 0"),
        ({"limits": {"metaBytes": 4001}}, "limits.metaBytes", "less than or equal to 4000"),
        ({"limits": {"metaBytes": -1}}, "limits.metaBytes", "greater than or equal to 0"),
    ],
)
def test_a_mistake_names_file_field_and_fix(
    tmp_path: Path, change: dict[str, Any], field: str, says: str
) -> None:
    path = write(tmp_path, "broken.json", SNAKE | change)
    message = problem(tmp_path)
    assert message.startswith(f"{path}: {field}")
    assert says in message


@pytest.mark.parametrize(
    "limits",
    [
        {"score": {"min": 100, "max": 100}},  # a game that is won or lost
        {"score": {"min": -(2**53) + 1, "max": 2**53 - 1}},
        {"playMs": {"min": 0, "max": 0}},
        {"graceMs": 0, "pauseMs": 0, "metaBytes": 0},
        {"graceMs": WEEK_MS, "pauseMs": WEEK_MS, "metaBytes": 4000},
    ],
)
def test_limits_may_be_as_narrow_and_as_wide_as_their_bounds(
    tmp_path: Path, limits: dict[str, Any]
) -> None:
    write(tmp_path, "snake.json", SNAKE | {"limits": limits})
    kept = load_games(tmp_path)["snake"].limits.model_dump()
    assert {name: kept[name] for name in limits} == limits


@pytest.mark.parametrize("change", [{"topN": 1}, {"topN": 1000}, {"title": "x" * 80}])
def test_the_bounds_of_a_board_are_within(tmp_path: Path, change: dict[str, Any]) -> None:
    write(tmp_path, "snake.json", SNAKE | change)
    [(field, value)] = change.items()
    assert getattr(load_games(tmp_path)["snake"], field) == value


def test_every_mistake_in_every_file_is_reported_at_once(tmp_path: Path) -> None:
    write(tmp_path, "one.json", {"order": [["score", "desc"]], "topN": 0})
    write(tmp_path, "two.json", "{")
    message = problem(tmp_path)
    assert "one.json: title: missing" in message
    assert "one.json: topN" in message
    assert "two.json: not JSON" in message


def test_a_key_that_stands_twice_is_no_silent_choice(tmp_path: Path) -> None:
    write(tmp_path, "twice.json", '{"title": "A", "title": "B", "order": [["score", "desc"]]}')
    assert "'title' is there twice" in problem(tmp_path)


@pytest.mark.parametrize("name", ["Snake.json", "a b.json", "-x.json", "x" * 33 + ".json"])
def test_a_file_name_that_cannot_be_an_address_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, SNAKE)
    assert "lower-case letters, digits and hyphens" in problem(tmp_path)


def test_no_game_at_all_is_a_mistake(tmp_path: Path) -> None:
    assert "no game; add <game>.json" in problem(tmp_path)
