"""A job that an earlier version stored half-way is understood, and finished, by this one."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from config.capabilities import erasure
from lambdas.erasure.eraser import Eraser
from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.erasing import Erasable, Sweep, Walk, found
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, Target
from lambdas.shared.records.table import Creators
from local.dynamodb.tables import table_named
from stacks.shared.packaging import carried_by

PROJECT = "0190a5b0-0000-7000-8000-00000000cafe"
CREATOR = "00000000-0000-4000-8000-00000000000a"
JOB = "019aa5b0-0000-7000-8000-00000000000e"
"""A UUIDv7 of 2025-11-21."""
NOW_MS = int(JOB.replace("-", "")[:12], 16)
TABLES = {
    "TELEMETRY_TABLE": "telemetry",
    "DATA_TABLE": "data",
    "SECRET_TABLE": "secrets",
    "CREATOR_TABLE": "creators",
    "TUNNEL_TABLE": "tunnels",
}
HEXADECIMAL = "0123456789abcdef"


@pytest.fixture
def client(moto: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for variable, name in TABLES.items():
        monkeypatch.setenv(variable, name)
    with (
        table_named(moto, "telemetry"),
        table_named(moto, "data"),
        table_named(moto, "secrets"),
        table_named(moto, "creators"),
        table_named(moto, "tunnels"),
    ):
        yield moto


def stored(done: int, pending: list[str]) -> dict[str, Any]:
    """A job in the format of versions without capabilities."""
    return {
        "PK": {"S": f"JOB#{JOB}"},
        "SK": {"S": "JOB"},
        "kind": {"S": "project"},
        "creatorId": {"S": CREATOR},
        "targets": {"L": [{"L": [{"S": PROJECT}, {"S": "2025-11-21"}]}]},
        "removed": {"M": {"projects": {"N": "1"}, "events": {"N": "1"}}},
        "turn": {"N": "0"},
        "stepsDone": {"N": str(done)},
        "takenAt": {"NULL": True},
        "reached": {"L": [{"S": ""}, {"S": ""}]},
        "pending": {"L": [{"S": each} for each in pending]},
    }


def put(client: Any, table: str, pk: str, sk: str, **attributes: Any) -> None:
    client.put_item(TableName=table, Item={"PK": {"S": pk}, "SK": {"S": sk}, **attributes})


def steps(client: Any, job: Job, last: str) -> list[tuple[str, str]]:
    """The table and partition of each step's first sweep."""
    walk = Walk(Partitions(client, {}), job, last_round=True)
    found_steps = []
    for erasable in found(client):
        for step in erasable.of_project(PROJECT, "2025-11-21", last):
            sweep = next(step(walk))
            assert isinstance(sweep, Sweep)
            found_steps.append((sweep.table, sweep.partition))
    return found_steps


def test_the_steps_of_a_project_are_in_the_order_in_which_stored_jobs_count_them(
    client: Any,
) -> None:
    job = Job(id=JOB, kind="project", creator_id=CREATOR, targets=(Target(PROJECT, "2025-11-21"),))
    days = ("2025-11-21", "2025-11-22")
    assert steps(client, job, days[1]) == [
        *[("telemetry", f"P#{PROJECT}#D#{day}#{shard}") for day in days for shard in HEXADECIMAL],
        *[("telemetry", f"PL#{PROJECT}#{shard}") for shard in HEXADECIMAL],
        ("telemetry", f"C#{PROJECT}"),
        ("data", PROJECT),
        ("secrets", f"project/{PROJECT}"),
    ]


def test_each_capability_has_its_own_position_in_the_order(client: Any) -> None:
    erasables = found(client)
    assert [type(each).__module__ for each in erasables] == [
        "lambdas.telemetry.erasable",
        "lambdas.data.erasable",
        "lambdas.secrets.erasable",
        "lambdas.creators.erasable",
        "lambdas.tunnels.erasable",
    ]
    assert [each.order for each in erasables] == [1, 2, 3, 4, 5]
    assert sorted(type(each).__module__ for each in erasables) == sorted(carried_by(erasure.ERASE))


def test_a_page_that_was_cut_short_is_finished_and_not_counted_again(client: Any) -> None:
    """An earlier version had counted one event, and had finished the 15 shards before."""
    shard = f"P#{PROJECT}#D#2025-11-21#f"
    skipped, left = f"P#{PROJECT}#D#2025-11-21#0", f"PL#{PROJECT}#3"
    put(client, "telemetry", shard, f"{JOB}#E#1")
    put(client, "telemetry", left, f"{'p' * 22}#{JOB}")
    put(client, "secrets", f"project/{PROJECT}", "ENV#A")
    put(client, "telemetry", skipped, f"{JOB}#E#2")
    pending = ["telemetry", shard, "", "", f"{JOB}#E#1"]
    client.put_item(TableName="creators", Item=stored(15, pending))
    put(client, "creators", "JOBS", JOB)
    done = eraser(client).work_on(JOB, lease_s=60, settled=lambda _: True)
    # The item in a shard that was done before arrived late: the second round finds it.
    assert done.removed == Counter(projects=1, events=2, pointers=1, keys=1)
    for table in ("telemetry", "secrets"):
        assert client.scan(TableName=table)["Items"] == []


def eraser(client: Any) -> Eraser:
    erasables: list[Erasable] = found(client)
    return Eraser(
        erasables,
        Partitions(client, {each.name: each.table for each in erasables}),
        Creators(client, "creators"),
        JobTable(client, "creators"),
        worker="w",
        clock_ms=lambda: NOW_MS,
        time_left=lambda: True,
    )
