"""A board that is full: what it would have taken."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.capabilities import scores
from config.games import load_games
from lambdas.scores.rules import Entry, rank_key
from lambdas.scores.table import board_key
from tests.browser.conftest import Visit
from tests.browser.players import play_minesweeper
from tests.system import System

GAME = "minesweeper"
AT_ONCE = 8


@pytest.fixture
def crowd(system: System) -> Iterator[None]:
    """Quicker than anybody on every board of the game, and the edge knows; afterwards nobody."""
    game = load_games()[GAME]
    boards = [
        board_key(GAME, system.origin.ranking(GAME, period).body["period"])
        for period in game.periods
    ]
    table, order = system.table, tuple(game.order)
    rows = [(key, entry(order, number)) for key in boards for number in range(game.topN)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda row: table.put(row[0], row[1], None), rows))
    trim(system)
    yield
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda row: table.evict(*row), rows))
    trim(system)


def entry(order: tuple[tuple[str, str], ...], number: int) -> Entry:
    time_ms = 1000 + number
    return Entry(
        user_id=f"quick-{number:016d}",
        user_name="Quick",
        score=1,
        time_ms=time_ms,
        updated_at="2026-11-21T12:00:00.000Z",
        rk=rank_key(order, score=1, time_ms=time_ms, updated_at_ms=0),
        play="0123456789ab.012345",
    )


def trim(system: System) -> None:
    answer = system.cloud.client("lambda").invoke(FunctionName=scores.TRIM_TOP.name, Payload=b"{}")
    assert "FunctionError" not in answer


@pytest.mark.usefixtures("crowd")
def test_not_good_enough_says_what_it_would_have_taken(visit: Visit) -> None:
    visitor = visit("/minesweeper.html")
    # The edge caches the store for a moment.
    visitor.page.wait_for_timeout(600)
    play_minesweeper(visitor.page)
    visitor.expect_ticket("short")
    shown = visitor.ticket()
    assert "Not this time" in shown
    assert re.search(r"Your best: \d+\.\d s\. Needed: 1\.0 s\.", shown)
    assert not visitor.page.locator("#panel tr.mine").count()
