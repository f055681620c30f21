"""A person's entries on all boards: found by key, deleted, shown, and brought together."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.scores.boards import submit
from lambdas.scores.forgettable import TABLE, Entries
from lambdas.scores.games import Game
from lambdas.scores.periods import period_at
from lambdas.scores.person_table import PersonTable
from lambdas.scores.settling import Settling
from lambdas.scores.table import ScoreTable, board_key
from lambdas.shared.dynamo.items import packed
from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.erasing import Sweep, Walk
from lambdas.shared.forgetting import Person
from lambdas.shared.records.jobs import Job
from lambdas.shared.values.uuids import uuid7
from local.scores.boards import scratch_table
from tests.conftest import game
from tests.lambdas.scores.plays import Play, standing

KEY = board_key("snake", "all")
SHARED, DEVICE, OTHER = "shared", "device", "other"


@pytest.fixture
def table(moto: Any) -> Iterator[ScoreTable]:
    """Rows move in transactions, which dynalite lacks."""
    with scratch_table(moto, "scores") as table:
        yield table


@pytest.fixture
def entries(table: ScoreTable) -> Entries:
    return Entries(table._client, "scores", [game()])  # type: ignore[arg-type]


@pytest.fixture
def person() -> Person:
    ids = (SHARED, DEVICE)
    return Person(user_ids=("u",), player_ids=ids, at_ms=time.time_ns() // 1_000_000)


def played(table: ScoreTable, rules: Game, user_id: str, score: int) -> None:
    submit(table, Play(user_id, score, 5, 1, f"{user_id}{score}").submission(rules))


def seen(table: ScoreTable) -> dict[str, int]:
    return {entry.user_id: entry.score for entry in standing(table, KEY)}


def sweeps(entries: Entries, person: Person) -> list[Sweep]:
    job = Job(id=uuid7(person.at_ms), kind="player", creator_id="u")
    walk = Walk(Partitions(entries.client, {TABLE: entries.table}), job, last_round=True)
    return [each for step in entries.of_person(person) for each in step(walk) if each]


def test_only_the_persons_rows_are_swept_and_also_from_a_reserve(
    table: ScoreTable, snake: Game, entries: Entries, person: Person
) -> None:
    played(table, snake, SHARED, 1)
    for number in range(snake.top_n):
        played(table, snake, f"{OTHER}{number}", 10 + number)
    played(table, snake, DEVICE, 50)
    found = {(each.partition, each.prefix) for each in sweeps(entries, person)}
    assert found == {(KEY, f"U#{DEVICE}"), (KEY, f"R#{SHARED}")}


def test_an_export_shows_each_entry_and_says_when_there_is_no_more(
    table: ScoreTable, snake: Game, entries: Entries, person: Person
) -> None:
    played(table, snake, DEVICE, 7)
    played(table, snake, OTHER, 9)
    items: list[Any] = []
    after: str | None = ""
    while after is not None:
        told = entries.told(person, after)
        items += told.items
        after = told.next
    [entry] = items
    assert (entry["kind"], entry["period"], entry["score"]) == ("entry", "all", 7)
    assert entry["playerId"] == DEVICE
    assert entries.told(person, "99").items == []
    assert entries.told(person, "rubbish").items


def test_the_better_row_of_two_becomes_the_shared_one(
    table: ScoreTable, snake: Game, entries: Entries, person: Person
) -> None:
    played(table, snake, SHARED, 3)
    played(table, snake, DEVICE, 7)
    assert list(entries.gather(person)) == [KEY]
    assert seen(table) == {SHARED: 7}
    assert list(entries.gather(person)) == []


def test_a_worse_row_goes_and_the_shared_one_stays(
    table: ScoreTable, snake: Game, entries: Entries, person: Person
) -> None:
    played(table, snake, SHARED, 9)
    played(table, snake, DEVICE, 7)
    played(table, snake, OTHER, 1)
    list(entries.gather(person))
    assert seen(table) == {SHARED: 9, OTHER: 1}


def test_a_row_that_changes_meanwhile_is_not_lost(
    table: ScoreTable, snake: Game, entries: Entries, person: Person
) -> None:
    played(table, snake, DEVICE, 5)
    [row] = entries._rows.standing([KEY], [DEVICE])
    played(table, snake, DEVICE, 8)
    assert entries._rows.move(row, SHARED) is False
    assert seen(table) == {DEVICE: 8}
    assert list(entries.gather(person)) == [KEY]
    assert seen(table) == {SHARED: 8}


def test_a_row_that_was_moved_keeps_all_that_it_had(
    table: ScoreTable, snake: Game, entries: Entries, person: Person
) -> None:
    submission = Play(DEVICE, 5, 5, 1, "p").submission(snake, meta='{"level":3}')
    submit(table, submission)
    [before] = entries._rows.standing([KEY], [DEVICE])
    list(entries.gather(person))
    [after] = entries._rows.standing([KEY], [SHARED])
    assert {**after, "SK": before["SK"]} == before


def test_a_row_of_a_closed_board_keeps_its_id(
    table: ScoreTable, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its reward is given once to a row. Under a new id it would be given again."""
    rules = game(periods=("all", "daily"))
    day = 24 * 3600 * 1000
    monkeypatch.setattr(PersonTable, "made_ms", lambda _: person.at_ms - 9 * day)
    old = period_at("daily", rules.timezone, person.at_ms - 2 * day)
    closed = board_key("snake", old.id)
    entries = Entries(table._client, "scores", [rules])  # type: ignore[arg-type]
    played(table, rules, DEVICE, 7)
    [row] = entries._rows.standing([KEY], [DEVICE])
    table._client.put_item(TableName="scores", Item=packed(row | {"PK": closed}))
    assert closed not in list(entries.gather(person))
    assert seen(table) == {SHARED: 7}
    [kept] = entries._rows.standing([closed], [DEVICE])
    assert kept["score"] == 7


def test_boards_that_changed_are_trimmed_and_each_games_ranking_refreshed_after_it() -> None:
    asked: list[tuple[str, Any]] = []
    settling = Settling(
        lambda function, event: asked.append((function, event)),
        trim="trim",
        refresh="refresh",
        clock_ms=lambda: 1_000,
    )
    settling.settle([KEY, board_key("maze", "all"), board_key("snake", "2026-11"), KEY])
    boards = [["maze", "all"], ["snake", "2026-11"], ["snake", "all"]]
    assert asked == [
        ("trim", {"boards": boards}),
        ("refresh", {"game": "maze", "at": 6_000, "again": True}),
        ("refresh", {"game": "snake", "at": 6_000, "again": True}),
    ]


def test_many_boards_are_trimmed_in_several_invocations() -> None:
    """An event has a limit of its size."""
    asked: list[Any] = []
    settling = Settling(lambda _, event: asked.append(event), trim="t", refresh="r")
    settling.settle([board_key("snake", str(number)) for number in range(1_001)])
    assert [len(each["boards"]) for each in asked if "boards" in each] == [500, 500, 1]
