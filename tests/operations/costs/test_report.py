"""make cost: what can be said to it, and what it says back."""

import pytest

from operations.cli.main import run
from operations.costs.month import Month, month_of


def test_given_numbers_are_used_in_the_estimate(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "--plays=2,000,000", "--games=3", "--views=5"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("2,000,000 plays a month of 3 games")
    assert "followed by 5 views" in shown
    for service in ("CloudFront", "API Gateway", "Lambda", "DynamoDB", "CloudWatch", "together"):
        assert f"\n{service} " in shown


def test_players_stand_for_their_plays() -> None:
    assert month_of({"players": "50"}) == Month(plays=1000)


def test_a_capability_adds_options(capsys: pytest.CaptureFixture[str]) -> None:
    month = month_of({"events": "10", "events_a_request": "2.5"})
    assert (month["events"], month["events_a_request"]) == (10, 2)
    assert month["plays_a_session"] == Month()["plays_a_session"] == 5
    assert run(["cost", "--events=10"]) == 0
    assert "; 10 events a play\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("plays", "many", "PLAYS=many: a number of 0 or more; fix: make cost PLAYS=100000"),
        ("plays", "-1", "PLAYS=-1: a number of 0 or more; fix: make cost PLAYS=100000"),
        ("plays", "inf", "PLAYS=inf: a number of 0 or more; fix: make cost PLAYS=100000"),
        ("players", "-5", "PLAYERS=-5: a number of 0 or more; fix: make cost PLAYERS=5000"),
        ("boards", "5", "BOARDS=5: a whole number from 1 to 4, as many as a game can have; fix: "),
        ("boards", "1.5", "BOARDS=1.5: a whole number from 1 to 4"),
        ("cached", "80", 'ARGS=--cached=80: a share, from 0 to 1; fix: make cost ARGS="--cached='),
        ("days", "0", "ARGS=--days=0: above 0 and at most 30; fix: "),
        ("events", "-1", "EVENTS=-1: a number of 0 or more; fix: make cost EVENTS=1"),
        ("events-a-request", "26", "ARGS=--events-a-request=26: from 1 to 25"),
        ("plays-a-session", "0", "ARGS=--plays-a-session=0: a number above 0; fix: "),
    ],
)
def test_a_wrong_option_is_named(
    capsys: pytest.CaptureFixture[str], option: str, value: str, complaint: str
) -> None:
    assert run(["cost", f"--{option}={value}"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(complaint)
    assert said.count("\n") == 1


def test_an_unknown_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "--pays=1"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("No such option '--pays'")
    assert said.count("\n") == 1
