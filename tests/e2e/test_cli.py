"""The operator's command line on the deployed system, for people and for programs."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.games import load_games
from lambdas.scores.rules import in_order
from lambdas.scores.table import board_key
from local.bootstrap import ROOT
from local.scores.boards import FASTEST, fill
from operations.cli import target
from tests.e2e.conftest import System
from tests.e2e.operator import Operator
from tests.e2e.periods import months_ago

PAST = months_ago(2)
"""A month in which nobody else plays."""
KEY = board_key("minesweeper", PAST)


@pytest.fixture
def board(system: System) -> Iterator[str]:
    system.clear(KEY)
    fill(system.table, KEY, 5, "Ann")
    yield KEY
    system.clear(KEY)


@pytest.mark.usefixtures("board")
def test_boards_are_derived_from_the_games_and_their_periods(htmlgame: Operator) -> None:
    boards = htmlgame("boards", "--past", "2", "--json").json["boards"]
    told = {(board["game"], board["period"]): board for board in boards}
    assert {(game, board["kind"]) for (game, _), board in told.items()} == {
        (name, kind) for name, game in load_games().items() for kind in game.periods
    }
    past = told["minesweeper", PAST]
    assert (past["entries"], past["topN"], past["open"]) == (5, 100, False)
    assert past["updatedAt"] == "2026-11-21T12:00:00.000Z"
    assert past["threshold"] is None


@pytest.mark.usefixtures("board")
def test_people_get_a_table_that_fits_their_terminal(htmlgame: Operator) -> None:
    said = htmlgame("boards", "--past", "2")
    [line] = [
        line for line in said.out.splitlines() if line.startswith("minesweeper") and PAST in line
    ]
    assert line.split() == ["minesweeper", PAST, "5", "100", "2026-11-21", "12:00", "closed"]
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.usefixtures("board")
def test_top_shows_the_best_first(htmlgame: Operator) -> None:
    items = htmlgame("top", "minesweeper", PAST, "--limit", "2", "--json").json["items"]
    assert [(item["rank"], item["userId"], item["timeMs"]) for item in items] == [
        (1, f"{0:022d}", 100_000),
        (2, f"{1:022d}", 100_001),
    ]
    said = htmlgame("top", "minesweeper", PAST)
    assert "1:40.000" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.usefixtures("board")
def test_top_marks_a_name_that_imitates_another(htmlgame: Operator, system: System) -> None:
    assert "look-alike" not in htmlgame("top", "minesweeper", PAST).out
    [first, *_] = in_order(FASTEST, system.table.rows(KEY))
    system.table.put(KEY, replace(first, user_id="imitator", user_name="\u0410nn"), None)
    items = htmlgame("top", "minesweeper", PAST, "--json").json["items"]
    assert [item["userId"] for item in items if item["lookalike"]] == ["imitator"]
    out = htmlgame("top", "minesweeper", PAST).out
    [line] = [line for line in out.splitlines() if "look-alike" in line]
    assert "\u0410nn" in line
    assert max(map(len, out.splitlines())) <= 80


def test_an_empty_board_is_no_error(htmlgame: Operator) -> None:
    assert htmlgame("top", "snake", PAST, "--json").json["items"] == []
    assert htmlgame("top", "snake", PAST).out == f"snake/{PAST} has no entries\n"


WRONG = {
    "no such game": (["top", "tetris"], 2, "GAME: there is no 'tetris'"),
    "no such period": (["top", "snake", "fortnightly"], 1, "period: 'fortnightly' is not one of"),
    "a period to come": (["top", "snake", "2999-01"], 1, "period: '2999-01' is not one of"),
    "no such command": (["tops"], 2, "No such command 'tops'"),
    "no such option": (["boards", "--future"], 2, "No such option '--future'"),
    "too little": (["top", "snake", "--limit", "0"], 2, "'--limit': 0 is not in the range"),
    "nothing named": (["top"], 2, "Missing argument 'GAME'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_reported_to_people_and_to_programs(htmlgame: Operator, name: str) -> None:
    arguments, code, message = WRONG[name]
    people, programs = htmlgame(*arguments), htmlgame(*arguments, "--json")
    assert (people.code, people.out) == (code, "")
    assert message in people.err
    assert programs.code == code
    assert message in programs.error["message"]


def test_a_missing_system_is_reported_with_the_fix(
    htmlgame: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    error = htmlgame("top", "snake", "--json").error
    assert error["code"] == "not_deployed"
    assert "deploy ScoreApiStack" in error["message"]


def test_without_a_region_that_is_the_question(
    htmlgame: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    for arguments in (["boards"], ["trim", "--yes"]):
        error = htmlgame(*arguments, "--json").error
        assert (error["code"], "set AWS_REGION" in error["message"]) == ("no_region", True)


def test_local_finds_the_make_dev_of_this_folder(
    htmlgame: Operator, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in system.cloud.credentials():
        monkeypatch.delenv(name)
    monkeypatch.setattr(target, "running_port", lambda: system.cloud.port)
    monkeypatch.setattr(target, "DIRECTORY", system.cloud.directory)
    assert htmlgame("boards", "--local", "--json").json["boards"]
    monkeypatch.setattr(target, "running_port", lambda: None)
    assert "no make dev is running" in htmlgame("boards", "--local").err


def test_the_installed_command_runs_from_any_folder(system: System, tmp_path: Path) -> None:
    finished = subprocess.run(
        [ROOT / ".venv/bin/htmlgame", "top", "snake", PAST, "--json"],
        cwd=tmp_path,
        env=os.environ | system.cloud.credentials(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert json.loads(finished.stdout) == {"game": "snake", "period": PAST, "items": []}
