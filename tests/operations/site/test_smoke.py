"""Which game is played by make smoke, with which scores, and what it says of a bad address."""

import re

import pytest

from config.games import Game, load_games
from local.make.variables import site_named
from local.terminal.errors import VariableError
from operations.cli.main import run
from operations.site import smoke
from operations.site.smoke import choose, plan_for


def game(**changes: object) -> Game:
    content: dict[str, object] = {"title": "Pong", "order": [["score", "desc"]]}
    return Game.model_validate(content | changes)


@pytest.mark.parametrize(
    ("order", "worst"),
    [
        ([["score", "desc"], ["timeMs", "asc"]], 3),
        ([["score", "asc"]], 12),
        ([["timeMs", "desc"]], 3),
        ([["updatedAt", "asc"]], 3),
        ([["timeMs", "asc"]], None),
        ([["updatedAt", "desc"]], None),
    ],
)
def test_the_worst_score_is_one_that_nobody_could_do_worse_than(
    order: list[list[str]], worst: int | None
) -> None:
    limits = {"score": {"min": 3, "max": 9999}, "perSecond": 12}
    assert plan_for("pong", game(order=order, limits=limits)).worst == worst


def test_a_score_stays_within_what_the_play_can_have_earned() -> None:
    limits = {
        "score": {"min": 0, "max": 9999},
        "perSecond": 2.5,
        "playMs": {"min": 4000, "max": 9000},
    }
    plan = plan_for("pong", game(limits=limits))
    assert (plan.play_ms, plan.best) == (4000, 10)


def test_the_board_is_the_one_that_is_over_soonest() -> None:
    plan = plan_for("pong", game(periods=["all", "monthly", "weekly"]))
    assert (plan.board, plan.over) == ("weekly", "2020-W01")
    assert plan_for("pong", game(periods=["all"])).over is None


def test_a_game_whose_newest_play_stands_first_is_chosen_last() -> None:
    games = {
        "fastest": game(order=[["timeMs", "asc"]], periods=["daily"]),
        "endless": game(periods=["all"]),
        "slow": game(periods=["daily"], limits={"playMs": {"min": 60_000, "max": 90_000}}),
        "quick": game(periods=["daily"]),
    }
    assert choose(games, None).game_id == "quick"
    del games["quick"], games["slow"]
    assert choose(games, None).game_id == "endless"
    assert choose(games, "fastest").game_id == "fastest"
    with pytest.raises(VariableError, match=r"GAME=pong: .*; fix: one of fastest, endless"):
        choose(games, "pong")


def test_the_projects_own_games_can_be_smoked() -> None:
    assert choose(load_games(), None).worst is not None


@pytest.mark.parametrize("text", ["https://d1.cloudfront.net", "http://localhost:8000/"])
def test_a_site_is_an_address_without_a_path(text: str) -> None:
    assert site_named(text) == text.rstrip("/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "d1.cloudfront.net",
        "http://example.com",
        "https://a.example/play",
        "https://a b",
        "$(x)",
    ],
)
def test_another_is_refused_by_name(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["smoke", text]) == 2
    assert re.match(r"SITE=.*; fix: make smoke SITE=https://", capsys.readouterr().err)


NOBODY = "http://127.0.0.1:9"


def test_a_site_nobody_answers_at_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["smoke", NOBODY, "--patience", "0"]) == 1
    said = capsys.readouterr()
    assert "does not answer" in said.err
    assert said.out == "✗ the ranking snake/daily is read\n"


class Clock:
    """Moves by what is slept alone."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_cloudfront_has_ten_minutes_to_spread_a_deploy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    monkeypatch.setattr(smoke, "time", clock)
    assert run(["smoke", NOBODY]) == 1
    assert clock.now == 600
    said = capsys.readouterr()
    assert re.match(r"not playable: .* does not answer", said.err)
    lines = said.out.splitlines()
    waits = [line for line in lines if line.startswith("… waiting")]
    assert waits[0] == (
        "… waiting until CloudFront has the deploy everywhere: "
        "10 min 00 s left, and one try each 15 s"
    )
    assert "0 min 15 s left" in waits[-1]
    assert len(waits) == 40
    assert lines.count("✗ the ranking snake/daily is read") == 1


def test_who_stops_the_wait_sees_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Impatient(Clock):
        def sleep(self, _seconds: float) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(smoke, "time", Impatient())
    assert run(["smoke", NOBODY]) == 1
    assert "stopped before its patience ended" in capsys.readouterr().err
