"""The request units of telemetry, by dynalite."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from config.capabilities import telemetry
from lambdas.data.table import DataTable
from lambdas.data.things import MOST_ITEMS, Place, Thing
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.values.uuids import uuid7
from local.dynamodb.tables import table_named
from operations.data.costs import PAGE_READS
from tests.lambdas.stage import PROJECT, Stage, staged
from tests.lambdas.telemetry.test_counting import NOON, event, facts_in, record

PLAYERS = 4_000
NAMES = 50
SHARDS = 16


def test_a_window_of_a_busy_day_costs_no_more_than_the_estimate(dynalite: Any) -> None:
    project = uuid7(NOON)
    sequence = iter(range(1, 1_000_000))
    day = [
        record(
            "0",
            project=project,
            shard=str(number % SHARDS),
            sequence=next(sequence),
            player=f"player {number}",
        )
        for number in range(PLAYERS)
    ]
    day += [
        event(next(sequence), f"something_that_happened_{number}", project=project)
        for number in range(NAMES)
    ]
    day += [
        record("C", project=project, sequence=next(sequence), score=3**number)
        for number in range(30)
    ]
    with table_named(dynalite, "billed") as name:
        table = CounterTable(dynalite, name, wait=lambda _: None)
        table.count(facts_in(day))
        table.spent.reads = table.spent.writes = 0
        table.count(facts_in([event(next(sequence), project=project)]))
    assert table.spent.writes == telemetry.COUNTED["dynamodb.writes"]
    assert table.spent.reads == telemetry.COUNTED["dynamodb.reads"]


@pytest.fixture
def stage(dynalite: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    # Limits count by the minute, and a minute may end during a test.
    now = time.time_ns()
    monkeypatch.setattr("time.time_ns", lambda: now)
    with staged(dynalite, monkeypatch) as stage:
        yield stage


def written(stage: Stage, path: str, body: Mapping[str, Any]) -> float:
    """Write units of one request, its session's and address's count included."""
    reply = stage.post(path, body)
    assert reply.status == 200, reply.body
    return float(stage.module("telemetry.ingest").table.spent.writes)


@pytest.fixture
def session(stage: Stage) -> dict[str, Any]:
    body = stage.post("session", {"projectId": PROJECT.id}).body
    return {name: body[name] for name in ("sessionId", "token")}


def test_a_session_costs_one_write_more_for_a_player_who_has_a_key(stage: Stage) -> None:
    nobody = {"projectId": PROJECT.id}
    assert written(stage, "session", nobody) == telemetry.SESSION["dynamodb.writes"]
    somebody = telemetry.SESSION + telemetry.PLAYER_KEY
    assert written(stage, "session", nobody | {"playerKey": "ann"}) == somebody["dynamodb.writes"]


@pytest.mark.parametrize("number", [1, 25])
def test_each_event_costs_a_write_and_each_request_another(
    stage: Stage, session: dict[str, Any], number: int
) -> None:
    event = {"eventName": "death", "data": {"x": "y" * 300}}
    events = [{"id": uuid7(NOON + place), **event} for place in range(number)]
    expected = telemetry.events(number)["dynamodb.writes"]
    assert written(stage, "events", session | {"events": events}) == expected


def test_a_single_event_costs_as_much_as_a_batch_of_one(
    stage: Stage, session: dict[str, Any]
) -> None:
    expected = telemetry.events(1)["dynamodb.writes"]
    assert written(stage, "event", session | {"eventName": "death"}) == expected


def test_an_event_of_two_kilobytes_costs_three_writes(
    stage: Stage, session: dict[str, Any]
) -> None:
    large = session | {"eventName": "death", "data": {"x": "y" * 2039}}
    assert written(stage, "event", large) == 3 + 1


def test_the_end_of_a_session_costs_what_the_costs_say(
    stage: Stage, session: dict[str, Any]
) -> None:
    assert written(stage, "session/end", session) == telemetry.SESSION_END["dynamodb.writes"]


def test_a_request_over_its_limit_costs_one_write(stage: Stage, session: dict[str, Any]) -> None:
    for _ in range(59):
        written(stage, "event", session | {"eventName": "death"})
    assert stage.post("event", session | {"eventName": "death"}).status == 429
    assert stage.module("telemetry.ingest").table.spent.writes == 1


@pytest.fixture
def data(dynalite: Any) -> Iterator[DataTable]:
    with table_named(dynalite, "data") as name:
        yield DataTable(dynalite, name)


LEVELS = Place(
    project_id=PROJECT.id, collection="levels", owner="ann", private=False, declared=True
)


def thing(number: int, size: int) -> Thing:
    content = f'{{"x":"{"y" * (size - 8)}"}}'
    return Thing(
        id=f"00000000-0001-7000-8000-{number:012d}",
        owner="ann",
        data=content,
        created_ms=NOON,
        updated_ms=NOON,
    )


def test_an_item_is_billed_by_the_kilobyte_and_a_new_collection_once(data: DataTable) -> None:
    """A project's first item also begins its count: four writes."""
    data.add(LEVELS, thing(1, 8192))
    assert data.spent.writes == 1 + 4 + 9
    data.add(LEVELS, thing(2, 500))
    assert data.spent.writes == 1 + 4 + 9 + 2
    data.change(LEVELS, thing(1, 8192).id, "{}", NOON)
    assert data.spent.writes == 1 + 4 + 9 + 2 + 9


def test_the_longest_page_costs_what_the_costs_say(data: DataTable) -> None:
    for number in range(MOST_ITEMS):
        data.add(LEVELS, thing(number, 8192))
    data.spent.reads = 0
    page = data.page(LEVELS, MOST_ITEMS, None, NOON)
    assert len(page.things) == MOST_ITEMS
    assert data.spent.reads == PAGE_READS


def test_a_page_is_billed_by_what_it_holds_and_an_item_by_itself(data: DataTable) -> None:
    for number in range(30):
        data.add(LEVELS, thing(number, 1024))
    before = data.spent.reads
    data.page(LEVELS, 20, None, NOON)
    assert data.spent.reads - before == 3
    data.get(LEVELS, thing(7, 1024).id, NOON)
    assert data.spent.reads - before == 3.5
