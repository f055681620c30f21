"""Telemetry reaches the archive by Firehose, and its views answer on the emulator's Athena."""

import base64
import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from config.archive_views import archive_views
from config.capabilities import archive, creators
from lambdas.shared.dynamo.items import packed
from lambdas.shared.records.table import project_key
from lambdas.shared.values.clock import day_of
from lambdas.shared.values.uuids import uuid7
from local.edge.server import LocalEdge
from tests.e2e.conftest import System
from tests.e2e.test_telemetry import PROJECT as SNAKE
from tests.e2e.test_telemetry import put
from tests.e2e.visitor import Visitor, eventually

NOW_MS = 1_795_262_400_000


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture(scope="module")
def told(system: System, edge: LocalEdge) -> str:
    """A project with two sessions: one dies twice and levels up, the other scores and ends."""
    project = type(SNAKE)(
        id=uuid7(NOW_MS), creator_id=SNAKE.creator_id, name="Archived", events=SNAKE.events
    )
    put(system, project)
    one, other = (Visitor(edge.url, project.id, key) for key in ("canary-ann", None))
    one.start()
    other.start()
    for name in ("death", "death", "level_up"):
        assert one.say("event", eventName=name, data={"stage": 3}).status == 200
    assert other.say("event", eventName="death").status == 200
    assert other.say("score", score=12_345).status == 200
    assert other.say("session/end").status == 200
    assert eventually(lambda: len(kept(system, project.id)) >= 8 or None)
    return project.id


def kept(system: System, project_id: str) -> list[Any]:
    """Lines, from whatever files they are in."""
    files = [
        system.cloud.client("s3").get_object(Bucket=bucket(system), Key=key)["Body"].read()
        for key in keys(system, f"project={project_id}/")
    ]
    plain = [gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file for file in files]
    return [json.loads(line) for file in plain for line in file.splitlines()]


def keys(system: System, prefix: str) -> list[str]:
    pages = system.cloud.client("s3").get_paginator("list_objects_v2")
    return [
        each["Key"]
        for page in pages.paginate(Bucket=bucket(system), Prefix=prefix)
        for each in page.get("Contents", ())
    ]


def bucket(system: System) -> str:
    return system.parameter(archive.BUCKET)


def test_everything_is_there_and_nobody(system: System, told: str) -> None:
    lines = kept(system, told)
    kinds = sorted(line["kind"] for line in lines)
    assert kinds == ["end", *["event"] * 4, "score", *["session"] * 2]
    assert "canary" not in str(lines)
    assert all(key.split("/")[1] == f"day={today()}" for key in keys(system, f"project={told}/"))
    assert keys(system, "_aside/") == []


def today() -> str:
    return day_of(time.time_ns() // 1_000_000)


def test_views_answer_with_the_columns_they_promise(system: System, told: str) -> None:
    answers = {}
    for view in archive_views():
        columns, rows = ask(system, view.name, told)
        assert columns == view.columns
        assert {row["project"] for row in rows} == {told}
        answers[view.name] = [{**row, "project": "", "day": row["day"] == today()} for row in rows]
    here: dict[str, Any] = {"project": "", "day": True}
    assert by_name(answers["events_by_day"]) == [
        {**here, "name": "death", "times": "3", "sessions": "2"},
        {**here, "name": "level_up", "times": "1", "sessions": "1"},
    ]
    assert by_name(answers["last_events"]) == [
        {**here, "name": "death", "sessions": "1"},
        {**here, "name": "level_up", "sessions": "1"},
    ]
    assert answers["scores_by_day"] == [{**here, "times": "1", "best": "12345", "mean": "12345.0"}]
    assert [row["heard"] for row in answers["sessions"]] == ["4", "4"]
    assert len(answers["told"]) == len(kept(system, told))


def by_name(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row["name"])


def test_a_row_that_was_delivered_twice_or_set_aside_is_archived_once(
    system: System, told: str
) -> None:
    """Firehose sets aside what is of one project more than it sorts at a time."""
    before = all_told(system, told)
    late = {**before[0], "id": uuid7(NOW_MS), "name": "late", "kind": "event"}
    lines = [json.dumps(row).encode() for row in (late, late)]
    put_object(system, "_aside/activePartitionExceeded/2026/11/21/10/one", *lines)
    put_object(system, "_aside/processing-failed/2026/11/21/10/other", b"not a row")
    assert invoke(system, archive.BRING_BACK.name) == {"returned": 2}
    assert all_told(system, told) == sorted([*before, late], key=by_id)
    assert keys(system, "_aside/") == []
    assert keys(system, "_unreadable/") == ["_unreadable/other"]


def all_told(system: System, project_id: str) -> list[dict[str, Any]]:
    _, rows = ask(system, "told", project_id)
    numbers = ("ms", "score")
    typed = [
        {name: int(value) if name in numbers and value else value or None for name, value in each}
        for each in (row.items() for row in rows)
    ]
    return sorted(typed, key=by_id)


def by_id(row: dict[str, Any]) -> tuple[str, str]:
    return row["id"], row["kind"]


def put_object(system: System, key: str, *records: bytes) -> None:
    """As Firehose writes down what it could not deliver."""
    lines = [json.dumps({"rawData": base64.b64encode(each).decode()}) for each in records]
    system.cloud.client("s3").put_object(
        Bucket=bucket(system), Key=key, Body="\n".join(lines).encode()
    )


def invoke(system: System, function: str) -> Any:
    answer = system.cloud.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def ask(system: System, view: str, project_id: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The columns with their types, and the rows."""
    sql = f"SELECT * FROM {view} WHERE project = '{project_id}'"  # noqa: S608 - nobody else's words
    athena = system.cloud.client("athena")
    asked = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": archive.DATABASE},
        WorkGroup=archive.WORKGROUP,
    )["QueryExecutionId"]

    def finished() -> Any:
        status = athena.get_query_execution(QueryExecutionId=asked)["QueryExecution"]["Status"]
        return status if status["State"] in {"SUCCEEDED", "FAILED"} else None

    status = eventually(finished)
    assert status["State"] == "SUCCEEDED", status
    answer = athena.get_query_results(QueryExecutionId=asked)["ResultSet"]
    told = answer["ResultSetMetadata"]["ColumnInfo"]
    columns = {each["Name"]: each["Type"] for each in told}
    values = [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in answer["Rows"][1:]]
    return columns, [dict(zip(columns, row, strict=True)) for row in values]


def test_the_archive_of_a_project_is_deleted_a_day_after_it(
    system: System, edge: LocalEdge, told: str
) -> None:
    alive = type(SNAKE)(
        id=uuid7(NOW_MS + 1), creator_id=SNAKE.creator_id, name="Alive", events=SNAKE.events
    )
    put(system, alive)
    Visitor(edge.url, alive.id, None).start()
    assert eventually(lambda: kept(system, alive.id) or None)
    system.cloud.client("dynamodb").delete_item(
        TableName=system.parameter(creators.TABLE.parameter), Key=packed(project_key(told))
    )
    invoke(system, archive.PRUNE.name)
    assert kept(system, told) == []
    assert len(kept(system, alive.id)) == 1
