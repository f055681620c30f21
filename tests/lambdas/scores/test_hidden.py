"""A hidden entry: known, kept, and shown to nobody but its player."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, note, settings
from hypothesis import strategies as st

from lambdas.scores.boards import submit
from lambdas.scores.errors import PlayAlreadySubmitted
from lambdas.scores.games import Game
from lambdas.scores.rules import Entry, visible
from lambdas.scores.table import ScoreTable, board_key, row_key
from lambdas.scores.trimming import trim
from lambdas.shared.dynamo.items import packed
from tests.lambdas.scores.plays import Play, expected_board, plays, shown, standing, unplayed
from tests.lambdas.scores.scheduler import Scheduler


def hide(client: Any, key: str, user_id: str) -> bool:
    """Hides an entry as the operator's command does; returns whether it existed."""
    try:
        client.update_item(
            TableName="scores",
            Key=packed(row_key(key, user_id)),
            UpdateExpression="SET hiddenAt = :now",
            ConditionExpression="attribute_exists(SK)",
            ExpressionAttributeValues={":now": {"S": "2026-11-21T12:00:00.000Z"}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def seen(table: ScoreTable, key: str) -> list[str]:
    return [entry.user_id for entry in visible(standing(table, key))]


@pytest.fixture
def board(table: ScoreTable, dynamodb: Any, snake: Game) -> str:
    """A full board of three entries with the best one hidden."""
    key = board_key("snake", "all")
    for user_id, score in (("ann", 30), ("bob", 20), ("cyd", 10)):
        submit(table, Play(user_id, score, 5, 1, user_id).submission(snake))
    assert hide(dynamodb, key, "ann")
    return key


def test_its_rank_is_free(table: ScoreTable, snake: Game, board: str) -> None:
    [outcome] = submit(table, Play("dan", 5, 5, 1, "d").submission(snake))
    assert (outcome.settled.accepted, outcome.settled.rank, outcome.changed_ranking) == (
        True,
        3,
        True,
    )
    assert seen(table, board) == ["bob", "cyd", "dan"]
    assert len(standing(table, board)) == 4


def test_others_do_not_see_it_in_the_answer_to_their_play(
    table: ScoreTable, snake: Game, board: str
) -> None:
    [outcome] = submit(table, Play("bob", 25, 5, 2, "b2").submission(snake))
    assert (outcome.settled.rank, [entry.user_id for entry in outcome.settled.rows]) == (
        1,
        ["bob", "cyd"],
    )
    assert seen(table, board) == ["bob", "cyd"]


def test_its_player_gets_the_same_answer_as_for_a_visible_entry(
    table: ScoreTable, snake: Game, board: str
) -> None:
    [outcome] = submit(table, Play("ann", 40, 5, 2, "a2").submission(snake))
    assert (outcome.settled.accepted, outcome.settled.rank) == (True, 1)
    assert [entry.score for entry in outcome.settled.rows] == [40, 20, 10]
    [ann] = [entry for entry in standing(table, board) if entry.user_id == "ann"]
    assert (ann.score, ann.hidden_at is not None) == (40, True)


def test_its_better_play_stays_hidden_and_touches_no_cache(
    table: ScoreTable, snake: Game, board: str
) -> None:
    [outcome] = submit(table, Play("ann", 40, 5, 2, "a2").submission(snake))
    assert (outcome.written, outcome.changed_ranking) == (True, False)
    assert seen(table, board) == ["bob", "cyd"]


def test_its_better_play_evicts_nobody(table: ScoreTable, snake: Game, board: str) -> None:
    submit(table, Play("dan", 5, 5, 1, "d").submission(snake))
    submit(table, Play("ann", 40, 5, 2, "a2").submission(snake))
    assert seen(table, board) == ["bob", "cyd", "dan"]


def test_its_play_is_its_own_idempotency_key_still(
    table: ScoreTable, snake: Game, board: str
) -> None:
    play = Play("ann", 30, 5, 1, "ann")
    table.spent.writes = 0
    [again] = submit(table, play.submission(snake))
    assert (again.settled.accepted, again.settled.rank, table.spent.writes) == (True, 1, 0)
    with pytest.raises(PlayAlreadySubmitted):
        submit(table, Play("ann", 31, 5, 1, "ann").submission(snake))
    assert len(standing(table, board)) == 3


def test_a_worse_play_of_a_hidden_player_writes_nothing(
    table: ScoreTable, snake: Game, board: str
) -> None:
    table.spent.writes = 0
    [outcome] = submit(table, Play("ann", 1, 5, 2, "a2").submission(snake))
    assert (outcome.settled.accepted, outcome.settled.best and outcome.settled.best.score) == (
        False,
        30,
    )
    assert table.spent.writes == 0
    assert seen(table, board) == ["bob", "cyd"]


def test_an_entry_hidden_since_it_was_read_is_not_evicted(
    table: ScoreTable, dynamodb: Any, board: str
) -> None:
    [cyd] = [entry for entry in standing(table, board) if entry.user_id == "cyd"]
    hide(dynamodb, board, "cyd")
    assert table.evict(board, cyd) is False
    assert len(standing(table, board)) == 3


@settings(max_examples=30)
@given(
    data=st.data(),
    played=plays(most=7),
    top_n=st.integers(1, 3),
    stalest=st.integers(0, 2),
)
def test_a_hidden_entry_stays_hidden_in_every_interleaving(
    table: ScoreTable,
    dynamodb: Any,
    data: st.DataObject,
    played: list[Play],
    top_n: int,
    stalest: int,
) -> None:
    rules = unplayed(top_n=top_n)
    key = board_key(rules.id, "all")
    hidden: list[str] = []

    def hide_task(client: Any) -> None:
        if hide(client, key, "a"):
            hidden.append("a")

    def submission_task(play: Play) -> Callable[[Any], object]:
        return lambda client: submit(ScoreTable(client, "scores"), play.submission(rules))

    def trim_task(client: Any) -> object:
        return trim(ScoreTable(client, "scores"), rules, "all", lambda: True)

    tasks: list[Callable[[Any], object]] = [submission_task(play) for play in played]
    tasks[len(tasks) // 2 : len(tasks) // 2] = [hide_task, trim_task]
    scheduler = Scheduler(
        dynamodb, lambda options: data.draw(st.integers(0, options - 1)), stalest=stalest
    )
    scheduler.run(tasks)
    trim(table, rules, "all", lambda: True)
    rows = standing(table, key)
    note(f"{played} hidden={hidden} {rows}")
    assert [entry.user_id for entry in rows if entry.hidden_at] == hidden
    assert len(visible(rows)) <= top_n
    if not hidden:
        assert shown(rows) == expected_board(rules, played)
    if hidden and len({play.user_id for play in played}) <= top_n:
        others = [play for play in played if play.user_id != "a"]
        assert shown(visible(rows)) == expected_board(rules, others)
        assert best_of(rows, "a") == expected_board(
            rules, [play for play in played if play.user_id == "a"]
        )


def best_of(rows: list[Entry], user_id: str) -> list[tuple[str, str]]:
    return [entry.place for entry in rows if entry.user_id == user_id]
