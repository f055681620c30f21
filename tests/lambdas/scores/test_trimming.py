"""Boards of any size come back to their top N."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lambdas.scores.boards import submit
from lambdas.scores.games import Game, Games
from lambdas.scores.rules import best_first, visible
from lambdas.scores.table import ScoreTable, board_key, row_key
from lambdas.scores.trimming import Reports, Trimmed, due_boards, trim, trim_boards
from lambdas.shared.dynamo.items import packed
from lambdas.shared.values.clock import from_iso
from local.scores.boards import scratch_table
from tests.conftest import game
from tests.lambdas.lagging import lagging
from tests.lambdas.scores.plays import Play, expected_board, shown, standing

KEY = board_key("snake", "all")


@pytest.fixture
def table(large_dynamodb: Any) -> Iterator[ScoreTable]:
    with scratch_table(large_dynamodb, "trimming") as table:
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

    few_at_a_time: Any = Client()
    return ScoreTable(few_at_a_time, "trimming")


class Told:
    def __init__(self) -> None:
        self.trimmed: dict[tuple[str, str], Trimmed] = {}
        self.failed: dict[tuple[str, str], Exception] = {}
        self.reports = Reports(
            lambda game_id, period_id, each: self.trimmed.update({(game_id, period_id): each}),
            lambda game_id, period_id, each: self.failed.update({(game_id, period_id): each}),
        )


def spoil(table: ScoreTable, user_id: str, update: str) -> None:
    """Changes a row as an operator or a careless import may."""
    now: Any = {"ExpressionAttributeValues": packed({":now": "2026-11-21T12:00:00.000Z"})}
    table._client.update_item(
        TableName="trimming",
        Key=packed(row_key(KEY, user_id)),
        UpdateExpression=update,
        **(now if ":now" in update else {}),
    )


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


def test_the_remaining_boards_are_returned_when_time_is_up(table: ScoreTable) -> None:
    games = Games({})
    games._games = {"snake": game(), "other": game(id="other")}
    boards = [["snake", "all"], ["other", "all"], ["snake", "2026-11"]]
    told = Told()
    assert trim_boards(table, games, boards, for_pages(1), told.reports) == [["snake", "2026-11"]]
    assert list(told.trimmed) == [("snake", "all"), ("other", "all")]
    assert trim_boards(table, games, boards[2:], always, told.reports) == []


def test_a_board_that_fails_does_not_keep_the_others_from_being_trimmed(
    table: ScoreTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    games = Games({})
    games._games = {"snake": game(), "other": game(id="other")}
    query = table._client.query

    def query_unless_snake(**request: Any) -> Any:
        if "G#snake#" in str(request):
            raise ConnectionError("the line is cut")
        return query(**request)

    monkeypatch.setattr(table._client, "query", query_unless_snake)
    told = Told()
    boards = [["gone", "all"], ["snake", "all"], ["other", "all"]]
    assert trim_boards(table, games, boards, always, told.reports) == []
    assert {board: str(failure) for board, failure in told.failed.items()} == {
        ("gone", "all"): "gameId: there is no such game here",
        ("snake", "all"): "the line is cut",
    }
    assert list(told.trimmed) == [("other", "all")]


def test_an_unreadable_row_is_named_and_the_others_are_trimmed(
    table: ScoreTable, snake: Game
) -> None:
    plays = fill(table, snake, 10)
    spoil(table, "u0003", "REMOVE score")
    trimmed = trim(in_pages_of(table, 3), snake, "all", always)
    readable = [play for play in plays if play.user_id != "u0003"]
    assert shown(standing(table, KEY)) == expected_board(snake, readable)
    assert (trimmed.rows, trimmed.unreadable, trimmed.deleted) == (10, 1, 6)
    assert trimmed.problems == ["U#u0003: score is missing"]
    assert trimmed.last == standing(table, KEY)[-1]


def test_of_many_unreadable_rows_a_few_are_named_and_all_are_counted(
    table: ScoreTable, snake: Game
) -> None:
    fill(table, snake, 30)
    for number in range(30):
        spoil(table, f"u{number:04}", "REMOVE userName")
    trimmed = trim(in_pages_of(table, 7), snake, "all", always)
    assert (trimmed.unreadable, len(trimmed.problems)) == (30, 20)


def test_a_hidden_entry_takes_nobodys_rank_and_stays_whatever_its_score(
    table: ScoreTable, snake: Game
) -> None:
    plays = fill(table, snake, 10)
    best, worst = (shown(best_first(play.entry(snake) for play in plays))[i][1] for i in (0, -1))
    for user_id in (best, worst):
        spoil(table, user_id, "SET hiddenAt = :now")
    trimmed = trim(in_pages_of(table, 3), snake, "all", always)
    rows = standing(table, KEY)
    others = [play for play in plays if play.user_id not in (best, worst)]
    assert shown(visible(rows)) == expected_board(snake, others)
    assert {entry.user_id for entry in rows if entry.hidden_at} == {best, worst}
    assert (trimmed.hidden, trimmed.deleted) == (2, 5)
    assert trimmed.last == visible(rows)[-1]


def test_hiding_makes_room_so_there_is_nothing_to_beat(table: ScoreTable, snake: Game) -> None:
    fill(table, snake, 3)
    spoil(table, "u0001", "SET hiddenAt = :now")
    assert trim(table, snake, "all", always).last is None


def test_a_row_that_was_just_deleted_sets_no_threshold(table: ScoreTable, snake: Game) -> None:
    """The edge refuses plays below the threshold until the next trim, a day later."""
    fill(table, snake, 3)
    assert trim(table, snake, "all", always).last is not None
    with lagging(table._client, "trimming") as client:
        last = standing(table, KEY)[-1]
        table._client.delete_item(TableName="trimming", Key=packed(row_key(KEY, last.user_id)))
        trimmed = trim(ScoreTable(client, "trimming"), snake, "all", always)
    assert (trimmed.rows, trimmed.last) == (2, None)


def test_a_changed_order_is_written_into_hidden_rows_too(table: ScoreTable, snake: Game) -> None:
    fill(table, snake, 2)
    spoil(table, "u0001", "SET hiddenAt = :now")
    reversed_snake = replace(snake, order=(("score", "asc"),))
    assert trim(table, reversed_snake, "all", always).reranked == 2
    assert trim(table, reversed_snake, "all", always).reranked == 0


def test_a_row_without_a_rank_key_gets_one(table: ScoreTable, snake: Game) -> None:
    plays = fill(table, snake, 5)
    for play in plays:
        spoil(table, play.user_id, "REMOVE rk, play, moved")
    trimmed = trim(table, snake, "all", always)
    assert (trimmed.deleted, trimmed.reranked, trimmed.unreadable) == (2, 3, 0)
    assert shown(standing(table, KEY)) == expected_board(snake, plays)


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
