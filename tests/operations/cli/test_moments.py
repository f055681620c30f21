"""Days and times as operators write them."""

import pytest

from lambdas.shared.values.clock import from_iso
from operations.cli.moments import last_ms, moment_ms
from operations.errors import WrongArgument


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
def test_an_invalid_time_is_reported_with_its_option(text: str) -> None:
    with pytest.raises(WrongArgument, match=r"--since: .* is no day such as 2026-11-21"):
        moment_ms("--since", text, "UTC")


@pytest.mark.parametrize(
    ("text", "timezone", "moment"),
    [
        ("2026-11-21", "Asia/Tokyo", "2026-11-21T14:59:59.999+00:00"),
        ("2026-11-01", "America/New_York", "2026-11-02T04:59:59.999+00:00"),
        ("2026-11-07", "America/Havana", "2026-11-08T04:59:59.999+00:00"),
        ("9999-12-31", "UTC", "9999-12-31T23:59:59.999+00:00"),
        ("2026-11-21T09:30", "Asia/Tokyo", "2026-11-21T00:30:00+00:00"),
        ("2026-11-21T00:00Z", "Asia/Tokyo", "2026-11-21T00:00:00+00:00"),
    ],
)
def test_up_to_a_day_means_to_its_end_in_the_games_zone(
    text: str, timezone: str, moment: str
) -> None:
    assert last_ms("--until", text, timezone) == from_iso(moment)
    with pytest.raises(WrongArgument, match="--until: 'soon'"):
        last_ms("--until", "soon", timezone)
