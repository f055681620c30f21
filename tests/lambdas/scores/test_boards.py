"""Submissions change their boards, one after another."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.scores.answers import submitted
from lambdas.scores.boards import submit
from lambdas.scores.errors import BoardTooLarge, PlayAlreadySubmitted
from lambdas.scores.games import Game
from lambdas.scores.periods import EVER, Period
from lambdas.scores.rules import order_tag
from lambdas.scores.table import ScoreTable, board_key, row_key
from lambdas.shared.dynamo.items import packed
from lambdas.shared.http.errors import status_of
from tests.lambdas.lagging import lagging
from tests.lambdas.scores.plays import (
    Play,
    expected_board,
    orders,
    plays,
    shown,
    standing,
    unplayed,
)

NOVEMBER = Period("monthly", "2026-11", 0, 2**52)


@settings(max_examples=30)
@given(played=plays(most=15), order=orders(), top_n=st.integers(1, 5))
def test_in_any_order_of_arrival_the_board_is_each_players_best(
    table: ScoreTable, played: list[Play], order: Any, top_n: int
) -> None:
    rules = unplayed(order=order, top_n=top_n)
    for play in played:
        submit(table, play.submission(rules))
    board = standing(table, board_key(rules.id, "all"))
    assert shown(board) == expected_board(rules, played)


def test_the_answer_contains_the_current_rank_best_and_top(table: ScoreTable, snake: Game) -> None:
    submit(table, Play("ann", 10, 5, 1, "p1").submission(snake))
    [outcome] = submit(table, Play("bob", 20, 5, 2, "p2").submission(snake))
    assert (outcome.settled.accepted, outcome.settled.moved, outcome.settled.rank) == (
        True,
        True,
        1,
    )
    assert [entry.user_id for entry in outcome.settled.rows] == ["bob", "ann"]
    [outcome] = submit(table, Play("ann", 5, 5, 3, "p3").submission(snake))
    assert (outcome.settled.accepted, outcome.settled.moved, outcome.settled.rank) == (
        False,
        False,
        2,
    )
    assert outcome.settled.best is not None
    assert outcome.settled.best.score == 10


def test_a_better_score_at_the_same_rank_is_accepted_and_moves_nobody(
    table: ScoreTable, snake: Game
) -> None:
    submit(table, Play("ann", 10, 5, 1, "p1").submission(snake))
    [outcome] = submit(table, Play("ann", 11, 5, 2, "p2").submission(snake))
    assert (outcome.settled.accepted, outcome.settled.moved, outcome.settled.rank) == (
        True,
        False,
        1,
    )


def test_a_play_below_the_top_has_no_rank_and_leaves_no_row(table: ScoreTable, snake: Game) -> None:
    for number, user_id in enumerate(["ann", "bob", "cyd"]):
        submit(table, Play(user_id, 10 + number, 5, 1, user_id).submission(snake))
    table.spent.writes = 0
    [outcome] = submit(table, Play("dan", 9, 5, 1, "dan").submission(snake))
    assert (outcome.settled.accepted, outcome.settled.rank, outcome.settled.best) == (
        False,
        None,
        None,
    )
    assert table.spent.writes == 0


@pytest.mark.parametrize("fate", ["best", "improved", "not better"])
def test_a_repeated_submission_gets_the_same_answer_and_writes_nothing(
    table: ScoreTable, snake: Game, fate: str
) -> None:
    play = Play("ann", 5, 5, 1, "p1")
    if fate == "improved":
        submit(table, replace(play, score=3, id="p0").submission(snake))
    if fate == "not better":
        submit(table, replace(play, score=9, id="p0").submission(snake))
    first = submit(table, play.submission(snake))
    table.spent.writes = 0
    again = submit(table, play.submission(snake))
    assert submitted(first) == submitted(again)
    assert [outcome.written for outcome in again] == [False] * len(again)
    assert table.spent.writes == 0


def test_a_play_with_other_values_is_refused_before_any_board_is_written(
    table: ScoreTable, snake: Game
) -> None:
    play = Play("ann", 5, 5, 1, "p1")
    submit(table, play.submission(snake, NOVEMBER))
    with pytest.raises(PlayAlreadySubmitted):
        submit(table, replace(play, score=6).submission(snake, EVER, NOVEMBER))
    assert standing(table, board_key("snake", "all")) == []


def test_a_retry_completes_the_boards_that_an_interrupted_request_missed(
    table: ScoreTable, snake: Game
) -> None:
    play = Play("ann", 5, 5, 1, "p1")
    submit(table, play.submission(snake, EVER))
    outcomes = submit(table, play.submission(snake, EVER, NOVEMBER))
    assert [(o.period_id, o.settled.accepted, o.written) for o in outcomes] == [
        ("all", True, False),
        ("2026-11", True, True),
    ]


def test_a_retry_completes_an_eviction_that_was_interrupted(table: ScoreTable, snake: Game) -> None:
    key = board_key("snake", "all")
    for number, user_id in enumerate("abcd"):
        table.put(key, Play(user_id, number, 5, 1, user_id).entry(snake), None)
    submit(table, Play("d", 3, 5, 1, "d").submission(snake))
    assert [entry.user_id for entry in standing(table, key)] == ["d", "c", "b"]


def test_an_entry_that_improved_since_it_was_read_is_not_evicted(
    table: ScoreTable, snake: Game
) -> None:
    key = board_key("snake", "all")
    seen = Play("ann", 1, 5, 1, "p1").entry(snake)
    table.put(key, seen, None)
    table.put(key, Play("ann", 9, 5, 2, "p2").entry(snake), None)
    assert table.evict(key, seen) is False
    assert [entry.score for entry in standing(table, key)] == [9]


def test_a_changed_order_drops_nobody_before_the_rows_are_rewritten(
    table: ScoreTable,
) -> None:
    fastest = unplayed(order=(("timeMs", "asc"),))
    for user_id, score, time_ms in (("ann", 900, 3), ("bob", 800, 2), ("cyd", 700, 1)):
        submit(table, Play(user_id, score, time_ms, 1, user_id).submission(fastest))
    most_points = replace(fastest, order=(("score", "desc"),))
    [refused] = submit(table, Play("dan", 1, 1, 1, "dan").submission(most_points))
    assert (refused.settled.accepted, [entry.user_id for entry in refused.settled.rows]) == (
        False,
        ["ann", "bob", "cyd"],
    )
    [improved] = submit(table, Play("cyd", 850, 9, 1, "more").submission(most_points))
    assert [entry.user_id for entry in improved.settled.rows] == ["ann", "cyd", "bob"]
    [entered] = submit(table, Play("dan", 810, 9, 1, "in").submission(most_points))
    assert [entry.user_id for entry in entered.settled.rows] == ["ann", "cyd", "dan"]
    assert len(table.rows(board_key(fastest.id, "all"))) == 3


def test_who_lost_a_race_on_a_board_of_a_former_order_is_ranked_by_the_order_of_today(
    table: ScoreTable, dynamodb: Any
) -> None:
    """The read missed the player's row; the write found it, still with its former rank key."""
    former = unplayed(order=(("score", "desc"),))
    today = replace(former, order=(("timeMs", "asc"),))
    assert order_tag(former.order) < order_tag(today.order)  # so the former key sorts first
    for user_id, time_ms in (("bob", 10), ("cyd", 30)):
        submit(table, Play(user_id, 5, time_ms, 1, user_id).submission(today))
    with lagging(dynamodb, "scores") as client:
        submit(table, Play("ann", 5, 20, 1, "a1").submission(former))
        faster = Play("ann", 5, 5, 2, "a2").submission(today)
        [outcome] = submit(ScoreTable(client, "scores"), faster)
    assert [entry.user_id for entry in outcome.settled.rows] == ["bob", "ann", "cyd"]
    assert (outcome.settled.accepted, outcome.settled.rank) == (False, 2)


def test_who_lost_an_eviction_looks_at_the_board_as_it_is_now(
    table: ScoreTable, snake: Game, dynamodb: Any
) -> None:
    """Another player's write evicted the row first. An older view would leave both on the board."""
    for user_id, score in (("ann", 30), ("bob", 20), ("cyd", 10)):
        submit(table, Play(user_id, score, 5, 1, user_id).submission(snake))
    with lagging(dynamodb, "scores") as client:
        submit(table, Play("dan", 15, 5, 1, "d").submission(snake))
        [outcome] = submit(
            ScoreTable(client, "scores"), Play("eve", 25, 5, 1, "e").submission(snake)
        )
    best = ["ann", "eve", "bob"]
    assert [entry.user_id for entry in outcome.settled.rows] == best
    assert [entry.user_id for entry in standing(table, board_key("snake", "all"))] == best


def test_a_board_far_beyond_its_size_is_not_read_at_a_players_expense(
    table: ScoreTable, snake: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = board_key("snake", "all")
    for number in range(8):
        table.put(key, Play(f"u{number}", number, 5, 1, "p").entry(snake), None)
    query = table._client.query
    monkeypatch.setattr(table._client, "query", lambda **request: query(**request, Limit=2))
    with pytest.raises(BoardTooLarge) as caught:
        table.rows(key)
    assert status_of(caught.value) == 503


def test_a_board_of_three_pages_is_read(
    table: ScoreTable, snake: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = board_key("snake", "all")
    for number in range(5):
        table.put(key, Play(f"u{number}", number, 5, 1, "p").entry(snake), None)
    query = table._client.query
    monkeypatch.setattr(table._client, "query", lambda **request: query(**request, Limit=2))
    assert len(table.rows(key)) == 5


def test_one_submission_pays_for_ten_deletions_of_a_huge_board_the_worst_first(
    table: ScoreTable, snake: Game
) -> None:
    key = board_key("snake", "all")
    for number in range(40):
        table.put(key, Play(f"u{number}", number, 5, 1, "p").entry(snake), None)
    submit(table, Play("ann", 99, 5, 1, "p1").submission(snake))
    best_30 = [f"u{number}" for number in range(39, 9, -1)]
    assert [entry.user_id for entry in standing(table, key)] == ["ann", *best_30]


def test_meta_is_kept_as_it_was_sent(table: ScoreTable, snake: Game, dynamodb: Any) -> None:
    submit(table, Play("ann", 1, 5, 1, "p").submission(snake, meta='{"level":1.0}'))
    item = dynamodb.get_item(
        TableName="scores", Key={"PK": {"S": "G#snake#P#all"}, "SK": {"S": "U#ann"}}
    )["Item"]
    assert item["meta"] == {"S": '{"level":1.0}'}
    assert item["score"] == {"N": "1"}
    assert item["updatedAt"] == {"S": "1970-01-01T00:00:00.001Z"}


def test_a_better_play_without_meta_takes_the_meta_of_the_former_away(
    table: ScoreTable, snake: Game, dynamodb: Any
) -> None:
    submit(table, Play("ann", 1, 5, 1, "p1").submission(snake, meta='{"level":1}'))
    submit(table, Play("ann", 2, 5, 2, "p2").submission(snake))
    item = dynamodb.get_item(TableName="scores", Key=packed(row_key("G#snake#P#all", "ann")))[
        "Item"
    ]
    assert (item["score"], "meta" in item) == ({"N": "2"}, False)


def spoil(client: Any, key: str, user_id: str, update: str) -> None:
    client.update_item(
        TableName="scores", Key=packed(row_key(key, user_id)), UpdateExpression=update
    )


def test_an_unreadable_row_is_passed_over_and_reported(
    table: ScoreTable, snake: Game, dynamodb: Any
) -> None:
    told: list[tuple[str, str]] = []
    tolerant = ScoreTable(
        dynamodb, "scores", on_unreadable=lambda board, row: told.append((board, str(row)))
    )
    key = board_key("snake", "all")
    for user_id in ("ann", "bob"):
        submit(table, Play(user_id, 10, 5, 1, user_id).submission(snake))
    spoil(dynamodb, key, "bob", "REMOVE userName")
    [outcome] = submit(tolerant, Play("cyd", 1, 5, 1, "c").submission(snake))
    assert [entry.user_id for entry in outcome.settled.rows] == ["ann", "cyd"]
    assert told == [(key, "U#bob: userName is missing")]


@pytest.mark.parametrize("lost", ["userName", "rk, score", "play, timeMs", "updatedAt"])
def test_a_players_own_unreadable_row_is_replaced_by_their_play(
    table: ScoreTable, snake: Game, dynamodb: Any, lost: str
) -> None:
    key = board_key("snake", "all")
    submit(table, Play("ann", 10, 5, 1, "p1").submission(snake))
    spoil(dynamodb, key, "ann", f"REMOVE {lost}")
    [outcome] = submit(table, Play("ann", 3, 5, 2, "p2").submission(snake))
    assert (outcome.settled.accepted, outcome.settled.rank) == (True, 1)
    assert [entry.score for entry in standing(table, key)] == [3]


def test_a_row_without_a_rank_key_is_an_entry_like_any_other(
    table: ScoreTable, snake: Game, dynamodb: Any
) -> None:
    key = board_key("snake", "all")
    for number, user_id in enumerate(["ann", "bob", "cyd"]):
        submit(table, Play(user_id, 10 + number, 5, 1, user_id).submission(snake))
        spoil(dynamodb, key, user_id, "REMOVE rk, play")
    [worse] = submit(table, Play("bob", 5, 5, 2, "b2").submission(snake))
    assert (worse.settled.accepted, worse.settled.rank) == (False, 2)
    [better] = submit(table, Play("bob", 50, 5, 2, "b3").submission(snake))
    assert (better.settled.accepted, better.settled.rank) == (True, 1)
    [entered] = submit(table, Play("dan", 40, 5, 2, "d").submission(snake))
    assert [entry.user_id for entry in entered.settled.rows] == ["bob", "dan", "cyd"]
    assert len(standing(table, key)) == 3


def test_a_failure_of_the_table_is_not_taken_for_a_lost_race(snake: Game, dynamodb: Any) -> None:
    table = ScoreTable(dynamodb, "no-such-table")
    entry = Play("ann", 1, 5, 1, "p").entry(snake)
    for call in (
        lambda: table.put("k", entry, None),
        lambda: table.evict("k", entry),
        lambda: table.rerank("k", entry),
        lambda: standing(table, "k"),
    ):
        with pytest.raises(ClientError, match="ResourceNotFound"):
            call()
