"""What each route is billed: request units by DynamoDB's own count, invocations by the log's."""

from collections.abc import Callable
from typing import Any

import pytest

from config import names
from config.games import load_games
from lambdas.scores.table import board_key
from local.billing import query_units
from local.boards import fill
from local.origin import Origin, Reply
from tests.e2e.conftest import System

FULL = 100
NAME = "of twenty-four letters.."


@pytest.fixture(scope="module")
def board(system: System) -> str:
    """A full board of this month, as players fill it."""
    period: str = system.origin.ranking("minesweeper", "monthly").body["period"]
    key = board_key("minesweeper", period)
    system.empty(key)
    fill(system.table, key, FULL, NAME)
    return period


def bill(system: System, function: str, call: Callable[[], Reply]) -> dict[str, Any]:
    before = system.invocations(function)
    assert call().status == 200
    assert system.invocations(function) == before + 1
    return system.requests(function)[-1]


def test_reading_a_full_board_takes_at_most_two_and_a_half_units(
    system: System, origin: Origin, board: str
) -> None:
    bill(system, names.GET_RANKING, lambda: origin.ranking("minesweeper", "monthly"))
    key = board_key("minesweeper", board)
    assert len(system.table.rows(key)) == FULL
    name = system.parameter(names.SCORE_TABLE_NAME)
    assert query_units(system.cloud.client("dynamodb"), name, key) == 2.5


def test_a_route_reads_each_of_its_boards_once(system: System, origin: Origin) -> None:
    """The emulator bills half a unit for a Query of any size, so units count Queries here."""
    line = bill(system, names.GET_RANKING, lambda: origin.ranking("snake", "all"))
    assert line["rru"] == 0.5
    line = bill(
        system,
        names.PUT_SCORE,
        lambda: origin.submit(
            "snake", "all,daily", "q" * 22, score=1, time_ms=5000, play="queries"
        ),
    )
    assert line["rru"] == 1.0


def play(origin: Origin, time_ms: int, name: str, **more: Any) -> Callable[[], Reply]:
    return lambda: origin.submit(
        "minesweeper", "monthly", name.ljust(22, "_"), score=1, time_ms=time_ms, play=name, **more
    )


@pytest.mark.usefixtures("board")
def test_a_submission_that_is_not_good_enough_writes_nothing(
    system: System, origin: Origin
) -> None:
    line = bill(system, names.PUT_SCORE, play(origin, 200_000, "slow"))
    assert (line["accepted"], line["wru"]) == (False, 0)


@pytest.mark.usefixtures("board")
def test_an_accepted_one_writes_itself_and_one_eviction_and_a_repeated_one_nothing(
    system: System, origin: Origin
) -> None:
    # The window's one invalidation is taken first: it is billed once, not with each score.
    origin.submit("minesweeper", "all", "x" * 22, score=1, time_ms=9000, play="window")
    line = bill(system, names.PUT_SCORE, play(origin, 50_000, "quick"))
    assert line["accepted"] is True
    assert line["wru"] - line["invalidated"] <= 2
    line = bill(system, names.PUT_SCORE, play(origin, 50_000, "quick"))
    assert (line["accepted"], line["wru"]) == (True, 0)
    rows = system.table.rows(board_key("minesweeper", line["periods"][0]))
    assert len(rows) == load_games()["minesweeper"].topN


@pytest.mark.usefixtures("board")
def test_improving_evicts_nobody(system: System, origin: Origin) -> None:
    bill(system, names.PUT_SCORE, play(origin, 40_000, "better"))
    line = bill(
        system,
        names.PUT_SCORE,
        lambda: origin.submit(
            "minesweeper", "monthly", "better".ljust(22, "_"), score=1, time_ms=30_000, play="b2"
        ),
    )
    assert line["wru"] - line["invalidated"] == 1


def test_the_largest_entry_a_game_takes_by_default_still_fits_one_write_unit(
    system: System, origin: Origin
) -> None:
    line = bill(
        system,
        names.PUT_SCORE,
        lambda: origin.submit(
            "snake",
            "daily",
            "m" * 22,
            score=1,
            time_ms=5000,
            play="large",
            name="𠮷" * 24,
            meta={"x": "y" * 120},
        ),
    )
    assert line["wru"] - line["invalidated"] == 1
