"""Periods in a game's own time zone."""

from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.scores.periods import EVER, period_at, period_before, period_named
from lambdas.shared.values.clock import from_iso, iso

KINDS = ["monthly", "weekly", "daily"]
moments = st.integers(
    int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000),
    int(datetime(2036, 12, 31, tzinfo=UTC).timestamp() * 1000),
)
zones = st.sampled_from(sorted(available_timezones() - {"localtime"}))


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("kind", "zone", "moment", "expected"),
    [
        ("monthly", "Asia/Tokyo", "2026-10-31T15:00:00+00:00", "2026-11"),
        ("monthly", "Asia/Tokyo", "2026-10-31T14:59:59.999+00:00", "2026-10"),
        ("monthly", "UTC", "2026-12-31T23:59:59.999+00:00", "2026-12"),
        ("daily", "Pacific/Kiritimati", "2026-11-20T10:00:00+00:00", "2026-11-21"),
        ("daily", "America/Los_Angeles", "2026-11-21T07:59:59+00:00", "2026-11-20"),
        # ISO weeks belong to the year in which their Thursday lies.
        ("weekly", "UTC", "2026-11-21T12:00:00+00:00", "2026-W47"),
        ("weekly", "UTC", "2027-01-03T23:59:59+00:00", "2026-W53"),
        ("weekly", "UTC", "2027-01-04T00:00:00+00:00", "2027-W01"),
        ("weekly", "UTC", "2024-12-30T00:00:00+00:00", "2025-W01"),
        ("all", "UTC", "2026-11-21T12:00:00+00:00", "all"),
    ],
)
def test_a_moment_lies_in_the_period_of_the_games_own_calendar(
    kind: str, zone: str, moment: str, expected: str
) -> None:
    assert period_at(kind, zone, ms(moment)).id == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Asia/Tokyo", "2026-03-08", 24),
        # Here the clock jumps over midnight: the day begins at one.
        ("America/Santiago", "2026-09-06", 23),
        ("Africa/Cairo", "2026-04-24", 23),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(zone: str, day: str, hours: float) -> None:
    period = period_named(day, zone)
    assert period is not None
    assert period.ends_ms is not None
    assert period.ends_ms - period.begins_ms == hours * 3_600_000


@given(st.sampled_from(KINDS), zones, moments)
def test_every_moment_lies_in_exactly_one_period_of_a_kind(
    kind: str, zone: str, moment: int
) -> None:
    period = period_at(kind, zone, moment)
    assert period.contains(moment)
    assert period.ends_ms is not None
    assert period_at(kind, zone, period.ends_ms).begins_ms == period.ends_ms
    before = period_before(period, zone)
    assert before is not None
    assert before.ends_ms == period.begins_ms
    assert not before.contains(moment)


@given(st.sampled_from(KINDS), zones, moments)
def test_an_id_names_the_period_it_came_from(kind: str, zone: str, moment: int) -> None:
    period = period_at(kind, zone, moment)
    assert period_named(period.id, zone) == period


@pytest.mark.parametrize(
    "text",
    [
        *("", "ever", "2026", "2026-13", "2026-00", "2026-W00", "2026-W54", "2025-W53"),
        *("2026-02-29", "2026-1", "2026-W5", "2026-11-1", "0000-01", "9999-12", "9999-12-31"),
        *("2026-11\n", "٢٠٢٦-١١", "2026-11-21T00", "-2026-11", " 2026-11"),
    ],
)
def test_a_date_that_is_on_no_calendar_is_no_period(text: str) -> None:
    assert period_named(text, "UTC") is None


def test_all_never_ends_and_nothing_was_before_it() -> None:
    assert period_named("all", "UTC") == EVER
    assert EVER.contains(0)
    assert EVER.contains(2**53)
    assert period_before(EVER, "UTC") is None


@given(st.integers(0, 4_102_444_800_000))
def test_times_survive_being_written(moment: int) -> None:
    assert from_iso(iso(moment)) == moment


@given(st.integers(0, 4_102_444_800_000), st.integers(0, 4_102_444_800_000))
def test_written_times_sort_as_times(one: int, other: int) -> None:
    assert (iso(one) < iso(other)) == (one < other)


def test_a_time_may_be_written_without_its_milliseconds() -> None:
    assert from_iso("2026-11-21T12:00:00Z") == from_iso("2026-11-21T12:00:00.000Z")
