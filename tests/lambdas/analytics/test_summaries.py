"""Creators read summaries of their counters for a range of days."""

from datetime import UTC, datetime

import pytest

from lambdas.analytics.summaries import days_asked, summary
from lambdas.shared.counters.counters import Counters
from lambdas.shared.http.errors import Malformed

NOW = datetime(2026, 11, 21, 23, 59, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({}, ("2026-10-23", "2026-11-21")),
        ({"to": "2026-03-01"}, ("2026-01-31", "2026-03-01")),
        ({"from": "2026-11-21"}, ("2026-11-21", "2026-11-21")),
        ({"from": "2026-01-01", "to": "2026-04-02"}, ("2026-01-01", "2026-04-02")),
        ({"from": "2027-01-01", "to": "2027-01-02"}, ("2027-01-01", "2027-01-02")),
        ({"to": "0001-01-03"}, ("0001-01-02", "0001-01-03")),
    ],
)
def test_days_are_asked_for(query: dict[str, str], days: tuple[str, str]) -> None:
    assert days_asked(query, NOW) == days


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"from": "yesterday"}, "from: not a day such as 2026-11-21"),
        ({"to": "2026-W47-6"}, "to: not a day such as 2026-11-21"),
        ({"to": "20261121"}, "to: not a day such as 2026-11-21"),
        ({"to": "2026-02-30"}, "to: not a day such as 2026-11-21"),
        ({"from": "2026-11-22"}, "from: 2026-11-22 is after 2026-11-21"),
        (
            {"from": "2026-08-21"},
            "from: more than 92 days before 2026-11-21; ask for fewer at once",
        ),
    ],
)
def test_days_that_cannot_be_asked_for(query: dict[str, str], problem: str) -> None:
    with pytest.raises(Malformed) as refused:
        days_asked(query, NOW)
    assert str(refused.value) == problem


def of_a_day(*players: str, scores: tuple[int, ...] = ()) -> Counters:
    counters = Counters()
    for player in players:
        counters.add_session(player)
    counters.add_event("death")
    for score in scores:
        counters.scores.add(score)
    return counters


def test_a_player_of_two_days_is_one_of_both() -> None:
    days = {
        "2026-11-21": of_a_day("ann", scores=(3, 12)),
        "2026-11-20": of_a_day("ann", "bob"),
    }
    told = summary("project", "2026-11-20", "2026-11-21", days)
    assert list(told) == ["projectId", "from", "to", "total", "days"]
    assert [day["day"] for day in told["days"]] == ["2026-11-20", "2026-11-21"]
    assert told["total"] == {
        "sessions": 3,
        "players": 2,
        "events": {"death": 2},
        "scores": {
            "count": 2,
            "min": 3,
            "max": 12,
            "mean": 7.5,
            "histogram": [
                {"from": 2, "to": 4, "count": 1},
                {"from": 10, "to": 19, "count": 1},
            ],
        },
        "sessionSeconds": {"count": 0, "min": None, "max": None, "mean": None, "histogram": []},
    }


def test_nothing_counted_is_zeros_and_no_day() -> None:
    told = summary("project", "2026-11-20", "2026-11-21", {})
    assert told["days"] == []
    assert told["total"]["sessions"] == told["total"]["players"] == 0
