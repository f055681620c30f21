"""Days and times as operators write them."""

import pytest

from lambdas.scores.periods import from_iso
from operations.errors import WrongArgument
from operations.moments import moment_ms


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21", "2026-11-20T15:00:00+00:00"),
        ("2026-11-21T09:30", "2026-11-21T00:30:00+00:00"),
        ("2026-11-21T09:30Z", "2026-11-21T09:30:00+00:00"),
        ("2026-11-21T09:30:00.250+02:00", "2026-11-21T07:30:00.250+00:00"),
    ],
)
def test_without_an_offset_they_are_in_the_games_zone(text: str, moment: str) -> None:
    assert moment_ms("--since", text, "Asia/Tokyo") == from_iso(moment)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "21.11.2026"])
def test_what_is_no_moment_is_told_with_its_option(text: str) -> None:
    with pytest.raises(WrongArgument, match=r"--since: .* is no day such as 2026-11-21"):
        moment_ms("--since", text, "UTC")
