"""Boards of any size come back to their top N."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lambdas.scores.boards import submit
from lambdas.scores.games import Game, Games
from lambdas.scores.periods import from_iso
from lambdas.scores.table import ScoreTable, board_key
from lambdas.scores.trimming import Trimmed, due_boards, trim, trim_boards
from local.boards import scratch_table
from local.cloud import Cloud
from tests.conftest import game
from tests.lambdas.scores.plays import Play, expected_board, shown, standing

KEY = board_key("snake", "all")


@pytest.fixture
def table(cloud: Cloud) -> Iterator[ScoreTable]:
    with scratch_table(cloud.client("dynamodb"), "trimming") as table:
        yield table


def always() -> bool:
    return True


def for_pages(count: int) -> Callable[[], bool]:
    pages = iter([True] * count + [False] * 1000)
    return lambda: next(pages)


def in_pages_of(table: ScoreTable, rows: int) -> ScoreTable:
    """The same table, read a few rows at a time as if they were a megabyte."""

    class Client:
        def __getattr__(self, name: str) -> Any:
            call = getattr(table._client, name)
            return (lambda **request: call(**request, Limit=rows)) if name == "query" else call

    return ScoreTable(Client(), "trimming")


def fill(table: ScoreTable, rules: Game, rows: int) -> list[Play]:
    plays = [Play(f"u{number:04}", number * 7 % 101, 5, 1, "p") for number in range(rows)]
    for play in plays:
        table.put(KEY, play.entry(rules), None)
    return plays


@pytest.mark.parametrize("page", [7, 1000])
def test_a_board_comes_back_to_its_top_n(table: ScoreTable, snake: Game, page: int) -> None:
    plays = fill(table, snake, 60)
    trimmed = trim(in_pages_of(table, page), snake, "all", always)
    assert shown(standing(table, KEY)) == expected_board(snake, plays)
    assert (trimmed.rows, trimmed.deleted, trimmed.finished) == (60, 57, True)
    assert trimmed.last == standing(table, KEY)[-1]


def test_a_board_within_its_n_is_read_once_and_not_written(table: ScoreTable, snake: Game) -> None:
    fill(table, snake, 2)
    table.spent.writes = 0
    trimmed = trim(table, snake, "all", always)
    assert (trimmed.rows, trimmed.deleted, trimmed.last) == (2, 0, None)
    assert table.spent.writes == 0


def test_an_interrupted_trim_has_not_worked_in_vain(table: ScoreTable, snake: Game) -> None:
    plays = fill(table, snake, 60)
    first = trim(in_pages_of(table, 10), snake, "all", for_pages(2))
    assert (first.finished, first.rows, first.deleted) == (False, 30, 27)
    second = trim(in_pages_of(table, 10), snake, "all", always)
    assert (second.finished, second.rows) == (True, 33)
    assert shown(standing(table, KEY)) == expected_board(snake, plays)


def test_a_changed_order_is_written_into_old_rows(table: ScoreTable, snake: Game) -> None:
    plays = fill(table, snake, 10)
    reversed_snake = replace(snake, order=(("score", "asc"),))
    trimmed = trim(table, reversed_snake, "all", always)
    assert trimmed.reranked == 3
    assert shown(standing(table, KEY)) == expected_board(reversed_snake, plays)
    assert trim(table, reversed_snake, "all", always).reranked == 0


def test_an_entry_that_improves_while_it_falls_stays(table: ScoreTable, snake: Game) -> None:
    fill(table, snake, 4)
    seen = standing(table, KEY)
    submit(table, Play(seen[-1].user_id, 99, 5, 2, "better").submission(snake))
    assert table.evict(KEY, seen[-1]) is False
    assert standing(table, KEY)[0].score == 99


def test_what_is_left_is_named_when_time_is_up(table: ScoreTable) -> None:
    games = Games({})
    games._games = {"snake": game(), "other": game(id="other")}
    boards = [["snake", "all"], ["other", "all"], ["snake", "2026-11"]]
    reports: list[tuple[str, str]] = []

    def report(game_id: str, period_id: str, _: Trimmed) -> None:
        reports.append((game_id, period_id))

    assert trim_boards(table, games, boards, for_pages(1), report) == [["snake", "2026-11"]]
    assert reports == [("snake", "all"), ("other", "all")]
    assert trim_boards(table, games, boards[2:], always, report) == []


def test_open_boards_and_those_that_closed_last_are_due() -> None:
    now = from_iso("2026-11-21T12:00:00.000Z")
    due = due_boards([game(periods=("all", "monthly", "weekly", "daily"))], now)
    assert [period.id for _, period in due] == [
        "all",
        "2026-11",
        "2026-10",
        "2026-W47",
        "2026-W46",
        "2026-11-21",
        "2026-11-20",
    ]
