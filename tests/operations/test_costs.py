"""make cost: what can be said to it, and what it says back."""

import subprocess
import sys

import pytest

from local.bootstrap import ROOT
from operations import costs
from operations.bill import Month


def test_what_is_told_is_reckoned_with(capsys: pytest.CaptureFixture[str]) -> None:
    costs.main(["--plays=2,000,000", "--games=3", "--views=5"])
    shown = capsys.readouterr().out
    assert shown.startswith("2,000,000 plays a month of 3 games")
    assert "followed by 5 looks" in shown
    for service in ("CloudFront", "API Gateway", "Lambda", "DynamoDB", "CloudWatch", "together"):
        assert f"\n{service} " in shown


def test_players_stand_for_their_plays() -> None:
    assert costs.month_of(["--players", "50"]) == Month(plays=1000)


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("plays", "many", "--plays: 'many' is not a number of 0 or more"),
        ("plays", "-1", "--plays: '-1' is not a number of 0 or more"),
        ("plays", "inf", "--plays: 'inf' is not a number of 0 or more"),
        ("cached", "80", "--cached: '80' is not a share, from 0 to 1"),
        ("boards", "5", "--boards: 1 to 4"),
        ("boards", "1.5", "--boards: 1 to 4"),
        ("days", "0", "--days: more than 0"),
    ],
)
def test_a_wrong_option_is_named(
    option: str, value: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        costs.month_of([f"--{option}={value}"])
    assert complaint in capsys.readouterr().err


def test_it_needs_nothing_installed() -> None:
    """A bare Python, without the packages of this environment."""
    command = [sys.executable, "-I", "-S", "-c"]
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from operations import costs, docs"
    subprocess.run([*command, program], check=True)
