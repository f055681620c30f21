"""The request units of boards by dynalite, which counts the bytes of the items read."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from config.capabilities import scores
from lambdas.scores.boards import submit
from lambdas.scores.games import Game
from lambdas.scores.ledger_table import InvalidationLedger
from lambdas.scores.periods import EVER, Period
from lambdas.scores.table import ScoreTable, board_key
from local.dynamodb.billing import query_units
from local.scores.boards import FASTEST, fill, scratch_table
from tests.conftest import game
from tests.lambdas.scores.plays import Play

NAME = "of twenty-four letters.."
KEY = board_key("snake", "all")


@pytest.fixture
def table(dynalite: Any) -> Iterator[ScoreTable]:
    with scratch_table(dynalite, "billed") as table:
        yield table


@pytest.fixture
def board(table: ScoreTable) -> ScoreTable:
    fill(table, KEY, scores.FULL_BOARD, NAME)
    table.spent.reads = table.spent.writes = 0
    return table


@pytest.fixture
def fastest() -> Game:
    return game(order=FASTEST, top_n=scores.FULL_BOARD)


def play(time_ms: int, user_id: str = "newcomer") -> Play:
    return Play(user_id.ljust(22, "_"), 1, time_ms, 1_795_262_400_000, f"play-{user_id}-{time_ms}")


def test_a_full_board_is_read_for_what_the_costs_say(board: ScoreTable, dynalite: Any) -> None:
    board.rows(KEY)
    assert board.spent.reads == scores.QUERY_UNITS == query_units(dynalite, "billed", KEY)


def test_a_consistent_read_costs_twice_as_much(board: ScoreTable) -> None:
    board.rows(KEY, consistent=True)
    assert board.spent.reads == 2 * scores.QUERY_UNITS


@pytest.mark.parametrize("rows", [1, 20, 21, 41, 60, 99])
def test_a_board_is_read_for_its_size_by_the_published_rules(
    table: ScoreTable, dynalite: Any, rows: int
) -> None:
    fill(table, KEY, rows, NAME)
    table.rows(KEY)
    assert table.spent.reads == query_units(dynalite, "billed", KEY)


def test_a_submission_that_is_refused_reads_its_board_and_writes_nothing(
    board: ScoreTable, fastest: Game
) -> None:
    [outcome] = submit(board, play(200_000).submission(fastest))
    assert not outcome.settled.accepted
    assert board.spent.reads == scores.submission(1)["dynamodb.reads"]
    assert board.spent.writes == 0


def test_a_submission_to_a_full_board_claims_its_play_and_moves_another_to_the_reserve(
    board: ScoreTable, fastest: Game
) -> None:
    [outcome] = submit(board, play(50_000).submission(fastest))
    assert outcome.settled.accepted
    entered = scores.submission(1) + scores.CLAIMED + scores.ACCEPTED + scores.EVICTED
    assert board.spent.reads == entered["dynamodb.reads"]
    assert board.spent.writes == entered["dynamodb.writes"] == 3 + 1


def test_a_play_is_claimed_once_for_all_its_boards(board: ScoreTable, fastest: Game) -> None:
    month = Period("monthly", "2026-11", 0, 2**52)
    submit(board, play(50_000).submission(fastest, EVER, month))
    entered = scores.ACCEPTED * 2 + scores.EVICTED
    assert board.spent.writes == (scores.CLAIMED + entered)["dynamodb.writes"]


def test_a_reserve_costs_its_board_s_readers_nothing(board: ScoreTable, fastest: Game) -> None:
    for number in range(60):
        submit(board, play(50_000 - number, f"new{number}").submission(fastest))
    assert sum(len(page.entries) for page in board.reserve(KEY)) == 60
    board.spent.reads = 0
    board.rows(KEY)
    assert board.spent.reads == scores.QUERY_UNITS


def test_an_improved_entry_writes_its_row_alone(board: ScoreTable, fastest: Game) -> None:
    submit(board, play(50_000).submission(fastest))
    board.spent.reads = board.spent.writes = 0
    better = Play("newcomer".ljust(22, "_"), 1, 40_000, 1_795_262_400_000, "another")
    submit(board, better.submission(fastest))
    assert board.spent.writes == (scores.CLAIMED + scores.ACCEPTED)["dynamodb.writes"]


def test_a_write_that_loses_its_race_is_counted_though_its_refusal_names_no_units(
    board: ScoreTable, fastest: Game
) -> None:
    """AWS bills a failed condition by the stored row: one unit up to 1 KB."""
    worse = play(300_000, "0" * 22).entry(fastest)
    assert board.put(KEY, worse, None) is not None
    assert board.spent.writes == 1


def test_an_invalidation_costs_one_write_granted_or_not(table: ScoreTable) -> None:
    ledger = InvalidationLedger(table._client, table._name)
    claim = partial(ledger.claim, "snake", month="2026-11", window_ms=60_000, budget=1000)
    assert claim(now_ms=1_795_262_400_000) is None
    assert ledger.spent.writes == scores.INVALIDATED["dynamodb.writes"]
    assert claim(now_ms=1_795_262_400_001) is not None
    assert ledger.spent.writes == 2 * scores.INVALIDATED["dynamodb.writes"]
