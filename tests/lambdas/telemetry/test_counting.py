"""A change counts once, however often and in whatever batches it is delivered."""

import importlib
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.counters.counters import MOST_NAMES, OTHER, Counters
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.counters.tally import Change, Length
from lambdas.shared.values.uuids import uuid7
from lambdas.telemetry.counting import facts_of
from lambdas.telemetry.stream import changes_in
from local.dynamodb.tables import table_named
from tests.lambdas.lagging import lagging
from tests.lambdas.scores.scheduler import Scheduler

DAY = "2026-11-21"
NOON = 1_795_262_400_000
MIDNIGHT = NOON + 12 * 3600 * 1000
PROJECT = "0190a5b0-0000-7000-8000-00000000cafe"


def record(
    kind: str,
    *,
    name: str = "INSERT",
    project: str = PROJECT,
    shard: str = "0",
    sequence: int = 1,
    at: int = NOON,
    **image: Any,
) -> dict[str, Any]:
    own = {"E": {"name": "death", "data": "{}"}, "C": {"metadata": "{}"}}.get(kind, {})
    image = own | image
    values = {key: {"N" if isinstance(v, int) else "S": str(v)} for key, v in image.items()}
    sort_key = f"session{shard}#{kind}" + ("" if kind == "0" else f"#{sequence}")
    return {
        "eventName": name,
        "dynamodb": {
            "Keys": {"PK": {"S": f"P#{project}#D#{DAY}#{shard}"}, "SK": {"S": sort_key}},
            "SequenceNumber": f"{sequence:030d}",
            "NewImage": {"at": {"N": str(at)}, **values},
        },
    }


def event(sequence: int, name: str = "death", **more: Any) -> dict[str, Any]:
    told = record("E", sequence=sequence, **more)
    told["dynamodb"]["NewImage"]["name"] = {"S": name}
    return told


def facts_in(records: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Change]]:
    return facts_of(changes_in(records))


@pytest.fixture(scope="module")
def table(dynamodb: Any) -> Iterator[CounterTable]:
    with table_named(dynamodb, "counted") as name:
        yield CounterTable(dynamodb, name, wait=lambda _: None)


@pytest.fixture
def project() -> str:
    return uuid7(NOON)


def days(table: CounterTable, project: str) -> dict[str, Counters]:
    return dict(table.days(project, "2026-01-01", "2026-12-31"))


def test_each_kind_of_record_has_its_own_counter(table: CounterTable, project: str) -> None:
    told = [
        record("0", project=project, sequence=1, player="ann"),
        record("0", project=project, sequence=2, shard="1", player="ann"),
        record("0", project=project, sequence=3, shard="2"),
        event(4, project=project),
        event(5, "level_up", project=project),
        event(6, project=project),
        record("C", project=project, sequence=7, score=12_345),
        record("C", project=project, sequence=8, score=-3),
        record("0", name="MODIFY", project=project, sequence=9, ended=NOON + 61_900),
    ]
    assert table.count(facts_in(told)) == 9
    [(day, counters)] = days(table, project).items()
    assert (day, counters.sessions, counters.players.estimate()) == (DAY, 3, 2)
    assert counters.events == {"death": 2, "level_up": 1}
    assert (counters.scores.count, counters.scores.total) == (2, 12_342)
    assert (counters.scores.least, counters.scores.most) == (-3, 12_345)
    assert counters.lengths.buckets == {50: 1}


def test_a_session_that_ended_before_it_began_lasted_no_time() -> None:
    """Two functions wrote the two times, each by its own clock."""
    [(_, change)] = facts_in([record("0", name="MODIFY", ended=NOON - 1500)])
    assert change.fact == Length(0)


@pytest.mark.parametrize(("lasted_ms", "seconds"), [(999, 0), (1000, 1), (1999, 1)])
def test_a_session_lasts_whole_seconds(lasted_ms: int, seconds: int) -> None:
    [(_, change)] = facts_in([record("0", name="MODIFY", ended=NOON + lasted_ms)])
    assert (change.at, change.fact) == (NOON + lasted_ms, Length(seconds))


def test_an_item_written_again_or_expired_is_nothing_new() -> None:
    gone = event(2)
    gone["eventName"] = "REMOVE"
    del gone["dynamodb"]["NewImage"]
    counter = record("0")
    counter["dynamodb"]["Keys"] = {"PK": {"S": f"C#{PROJECT}"}, "SK": {"S": "D#2026-11-21"}}
    again = [record("E", name="MODIFY"), gone, counter]
    assert list(facts_in([*again, record("0", name="MODIFY")])) == []


def test_the_day_is_that_on_which_it_was_received(table: CounterTable, project: str) -> None:
    told = [event(1, project=project), event(2, project=project, at=MIDNIGHT)]
    table.count(facts_in(told))
    assert {day: each.events["death"] for day, each in days(table, project).items()} == {
        "2026-11-21": 1,
        "2026-11-22": 1,
    }


def test_names_beyond_the_first_two_hundred_of_a_day_count_together(
    table: CounterTable, project: str
) -> None:
    told = [event(n + 1, f"e{n}", project=project) for n in range(MOST_NAMES + 5)]
    table.count(facts_in([*told, event(999, "e0", project=project)]))
    [counters] = days(table, project).values()
    assert len(counters.events) == MOST_NAMES + 1
    assert (counters.events[OTHER], counters.events["e0"]) == (5, 2)


def test_a_batch_is_one_write_a_day_and_a_repeated_one_none(
    table: CounterTable, project: str
) -> None:
    table.spent.writes = 0
    told = [event(n, project=project) for n in range(1, 1001)]
    assert table.count(facts_in(told)) == 1000
    assert table.count(facts_in(told)) == 0
    assert table.spent.writes == 1


def test_a_change_is_added_to_the_counters_as_they_are_now(dynamodb: Any, project: str) -> None:
    """Added to an older view it would be refused until the view caught up, or for good."""
    with table_named(dynamodb, "behind") as name, lagging(dynamodb, name) as client:
        table = CounterTable(client, name, wait=lambda _: None)
        for sequence in (1, 2):
            assert table.count(facts_in([event(sequence, project=project)])) == 1
        [counters] = days(CounterTable(dynamodb, name), project).values()
    assert counters.events == {"death": 2}


def test_the_function_counts_what_the_stream_hands_it(
    moto: Any, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with table_named(moto, "streamed") as name:
        monkeypatch.setenv("TELEMETRY_TABLE", name)
        function = importlib.reload(importlib.import_module("lambdas.telemetry.count"))
        records = [event(n, project=project) for n in (1, 2)]
        for _ in range(2):
            assert function.handler({"Records": records}, None) is None
        [counters] = days(CounterTable(moto, name), project).values()
    assert counters.events == {"death": 2}
    with pytest.raises(ClientError):  # so that Lambda hands the records on again
        function.handler({"Records": records}, None)


BATCHES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 11), st.integers(1, 12)), max_size=12
)


@settings(max_examples=50)
@given(data=st.data(), cuts=BATCHES)
def test_however_batches_come_again_overlap_and_interleave_each_change_counts_once(
    table: CounterTable, dynamodb: Any, data: st.DataObject, cuts: Any
) -> None:
    """Three shards of twelve changes; each is delivered in order, and again from any position."""
    project = uuid7(NOON)
    shards = [
        [event(n, project=project, shard=str(shard)) for n in range(shard, 36, 3)]
        for shard in range(3)
    ]
    told: list[list[list[Any]]] = [[], [], []]
    known = [0, 0, 0]
    for shard, first, size in cuts:
        begin = min(first, known[shard])
        told[shard].append(shards[shard][begin : begin + size])
        known[shard] = max(known[shard], begin + size)

    def task(batches: list[list[Any]]) -> Any:
        def run(client: Any) -> None:
            mine = CounterTable(client, "counted", wait=lambda _: None)
            for batch in batches:
                mine.count(facts_in(batch))

        return run

    scheduler = Scheduler(dynamodb, lambda options: data.draw(st.integers(0, options - 1)))
    scheduler.run([task(batches) for batches in told])
    heard = {
        each["dynamodb"]["SequenceNumber"]
        for batches in told
        for batch in batches
        for each in batch
    }
    counted = sum(counters.events["death"] for counters in days(table, project).values())
    assert counted == len(heard)
