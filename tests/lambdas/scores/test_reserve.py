"""A flood pushes honest entries off a board, and they come back when the flood is removed."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from lambdas.scores.boards import submit
from lambdas.scores.games import Game
from lambdas.scores.rules import Entry, visible
from lambdas.scores.table import RESERVE_DAYS, ScoreTable, board_key, reserve_key, row_key
from lambdas.scores.trimming import Trimmed, trim
from lambdas.shared.dynamo.items import packed
from tests.lambdas.scores.plays import Play, expected_board, plays, shown, standing, unplayed
from tests.lambdas.scores.scheduler import Scheduler

KEY = board_key("snake", "all")
HONEST = ("ann", "bob", "cyd")


def reserved(table: ScoreTable, key: str = KEY) -> set[str]:
    return {entry.user_id for page in table.reserve(key) for entry in page.entries}


def seen(table: ScoreTable, key: str = KEY) -> list[str]:
    return [entry.user_id for entry in visible(standing(table, key))]


def trimmed(table: ScoreTable, rules: Game) -> Trimmed:
    return trim(table, rules, "all", lambda: True)


def stored(table: ScoreTable, key: Any) -> Any:
    return table._client.get_item(TableName="scores", Key=packed(key)).get("Item")


def remove(table: ScoreTable, *user_ids: str, key: str = KEY) -> None:
    for user_id in user_ids:
        for row in (row_key(key, user_id), reserve_key(key, user_id)):
            table._client.delete_item(TableName="scores", Key=packed(row))


@pytest.fixture
def honest(table: ScoreTable, snake: Game) -> list[Play]:
    played = [Play(name, 30 - at, 5, at, name) for at, name in enumerate(HONEST)]
    for play in played:
        submit(table, play.submission(snake, meta='{"level":3}'))
    return played


def flood(table: ScoreTable, rules: Game, number: int = 20) -> list[str]:
    names = [f"bot{each}" for each in range(number)]
    for at, name in enumerate(names):
        submit(table, Play(name, 100 + at, 5, at, name).submission(rules))
    return names


@pytest.mark.usefixtures("honest")
def test_a_flooded_board_is_as_before_once_the_flood_is_removed(
    table: ScoreTable, snake: Game
) -> None:
    before = [stored(table, row_key(KEY, name)) for name in HONEST]
    bots = flood(table, snake)
    assert set(seen(table)) <= set(bots)
    remove(table, *bots)
    result = trimmed(table, snake)
    assert (result.promoted, result.deleted) == (3, 0)
    assert result.last is not None
    assert result.last.user_id == "cyd"  # the edge refuses nothing that would enter
    assert [stored(table, row_key(KEY, name)) for name in HONEST] == before
    assert reserved(table) == set()


@pytest.mark.usefixtures("honest")
def test_the_best_of_the_reserve_fill_the_ranks_that_became_free(
    table: ScoreTable, snake: Game
) -> None:
    flood(table, snake, 3)
    remove(table, "bot1", "bot2")
    assert trimmed(table, snake).promoted == 2
    assert seen(table) == ["bot0", "ann", "bob"]
    assert reserved(table) == {"cyd"}


@pytest.mark.usefixtures("honest")
def test_a_hidden_entry_makes_room_and_its_player_gets_no_second_one(
    table: ScoreTable, snake: Game
) -> None:
    flood(table, snake, 1)
    submit(table, Play("cyd", 50, 5, 9, "c2").submission(snake))
    assert reserved(table) == {"cyd", "bob"}
    table._client.update_item(
        TableName="scores",
        Key=packed(row_key(KEY, "cyd")),
        UpdateExpression="SET hiddenAt = :at",
        ExpressionAttributeValues=packed({":at": "2026-11-21T12:00:00.000Z"}),
    )
    assert trimmed(table, snake).promoted == 1
    assert seen(table) == ["bot0", "ann", "bob"]
    assert len(standing(table, KEY)) == 4


@pytest.mark.usefixtures("honest")
def test_an_entry_that_fell_off_is_kept_for_thirty_days(table: ScoreTable, snake: Game) -> None:
    clocked = ScoreTable(table._client, "scores", clock=lambda: 1_000_000.0)
    submit(clocked, Play("dan", 50, 5, 9, "d").submission(snake))
    item = stored(table, reserve_key(KEY, "cyd"))
    assert int(item["expires"]["N"]) == 1_000_000 + RESERVE_DAYS * 24 * 3600
    assert item["meta"] == {"S": '{"level":3}'}
    assert "expires" not in stored(table, row_key(KEY, "dan"))


def test_a_player_s_worse_entry_does_not_replace_a_better_one_in_the_reserve(
    table: ScoreTable, snake: Game
) -> None:
    better, worse = (Play("ann", score, 5, 1, f"p{score}").entry(snake) for score in (20, 10))
    for entry in (better, worse):
        table.put(KEY, entry, None)
        assert table.retire(KEY, entry)
    [page] = table.reserve(KEY)
    assert [entry.score for entry in page.entries] == [20]


def test_an_entry_that_was_copied_but_not_deleted_is_no_second_entry(
    table: ScoreTable, snake: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash between the two writes."""
    entry = Play("ann", 20, 5, 1, "p").entry(snake)
    table.put(KEY, entry, None)
    with monkeypatch.context() as patch:
        patch.setattr(ScoreTable, "evict", lambda *_: False)
        table.retire(KEY, entry)
    assert trimmed(table, snake).promoted == 0
    assert seen(table) == ["ann"]


def test_a_promoted_entry_of_a_former_order_ranks_by_the_order_of_today(
    table: ScoreTable,
) -> None:
    former = unplayed(order=(("score", "desc"),), top_n=1)
    key = board_key(former.id, "all")
    for user_id, score, time_ms in (("ann", 10, 1), ("bob", 20, 9), ("cyd", 30, 5)):
        submit(table, Play(user_id, score, time_ms, 1, user_id).submission(former))
    assert reserved(table, key) == {"ann", "bob"}
    today = unplayed(id=former.id, order=(("timeMs", "asc"),), top_n=1)
    remove(table, "cyd", key=key)
    assert trimmed(table, today).promoted == 1
    assert seen(table, key) == ["ann"]
    assert standing(table, key)[0].rk == Play("ann", 10, 1, 1, "ann").entry(today).rk


def test_of_a_huge_import_the_best_n_that_fall_are_kept(table: ScoreTable, snake: Game) -> None:
    for number in range(20):
        table.put(KEY, Play(f"u{number:02}", number, 5, 1, "p").entry(snake), None)
    assert trimmed(table, snake).deleted == 17
    assert reserved(table) == {"u14", "u15", "u16"}


def removal(key: str, gone: set[str]) -> Callable[[Any], None]:
    return lambda client: remove(ScoreTable(client, "scores"), *sorted(gone), key=key)


@settings(max_examples=30)
@given(
    data=st.data(),
    played=plays(most=7),
    gone=st.sets(st.sampled_from("abcdef")),
    top_n=st.integers(1, 3),
)
def test_in_any_interleaving_a_removal_and_a_trim_leave_the_best_that_entered(
    table: ScoreTable,
    dynamodb: Any,
    data: st.DataObject,
    played: list[Play],
    gone: set[str],
    top_n: int,
) -> None:
    rules = unplayed(top_n=top_n)
    key = board_key(rules.id, "all")

    def submission(play: Play) -> Callable[[Any], object]:
        return lambda client: submit(ScoreTable(client, "scores"), play.submission(rules))

    tasks: list[Callable[[Any], object]] = [submission(play) for play in played]
    tasks.insert(len(tasks) // 2, lambda client: trimmed(ScoreTable(client, "scores"), rules))
    Scheduler(dynamodb, lambda options: data.draw(st.integers(0, options - 1))).run(tasks)
    entered = {*seen(table, key), *reserved(table, key)}
    remove(table, *gone, key=key)
    trimmed(table, rules)
    board = standing(table, key)
    note(f"{played} gone={gone} entered={entered} {board}")
    assert len(board) == min(top_n, len(entered - gone))
    assert {entry.user_id for entry in board} <= entered - gone
    if not gone:
        assert shown(board) == expected_board(rules, played)


def test_each_player_is_on_the_board_or_in_the_reserve(table: ScoreTable, snake: Game) -> None:
    bots = flood(table, snake, 12)
    on_board: list[Entry] = standing(table, KEY)
    assert {entry.user_id for entry in on_board} | reserved(table) == set(bots)
    assert len(on_board) == snake.top_n
