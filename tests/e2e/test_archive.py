"""What is told is in the archive soon, and its named queries answer on the emulator's Athena."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from config import names
from config.archive_queries import PROJECT, archive_queries
from lambdas.shared.uuids import uuid7
from lambdas.telemetry.projects import project_key
from local.edge.server import LocalEdge
from tests.e2e.conftest import System
from tests.e2e.test_telemetry import PROJECT as SNAKE
from tests.e2e.test_telemetry import put
from tests.e2e.visitor import Visitor, eventually
from tests.engines import require

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
    s3, bucket = system.cloud.client("s3"), system.parameter(names.ARCHIVE_BUCKET)
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"project={project_id}/"
    )
    files = [
        s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
        for page in pages
        for each in page.get("Contents", ())
    ]
    return [json.loads(line) for file in files for line in gzip.decompress(file).splitlines()]


def test_everything_is_there_and_nobody(system: System, told: str) -> None:
    lines = kept(system, told)
    kinds = sorted(line["kind"] for line in lines)
    assert kinds == ["end", *["event"] * 4, "score", *["session"] * 2]
    assert "canary" not in str(lines)


ANSWERS = {
    "events of a day": [["death", "3", "2"], ["level_up", "1", "1"]],
    "scores of a day": [["1", "12345", "12345.0"]],
    "last events": [["death", "1"], ["level_up", "1"]],
}


def test_named_queries_answer(system: System, told: str) -> None:
    require(_engine(system), "the emulator's Athena needs duckdb: make install-test")
    for query in archive_queries():
        rows = ask(system, query.sql.replace(PROJECT, told))
        if query.name in ANSWERS:
            # The day is today, whichever that is.
            assert [row[-len(ANSWERS[query.name][0]) :] for row in rows] == ANSWERS[query.name]
        else:
            assert sorted(int(row[-1]) for row in rows) == [4, 4]
    assert set(ANSWERS) < {query.name for query in archive_queries()}


def _engine(system: System) -> bool:
    return ask(system, "SELECT 40 + 2 AS answer") == [["42"]]


def ask(system: System, sql: str) -> list[list[str]]:
    athena = system.cloud.client("athena")
    asked = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": names.ARCHIVE_DATABASE},
        WorkGroup=names.ARCHIVE_WORKGROUP,
    )["QueryExecutionId"]

    def finished() -> Any:
        status = athena.get_query_execution(QueryExecutionId=asked)["QueryExecution"]["Status"]
        return status if status["State"] in {"SUCCEEDED", "FAILED"} else None

    status = eventually(finished)
    assert status["State"] == "SUCCEEDED", status
    rows = athena.get_query_results(QueryExecutionId=asked)["ResultSet"]["Rows"][1:]
    return [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in rows]


def test_what_is_archived_of_a_project_goes_a_day_after_it(system: System, told: str) -> None:
    system.cloud.client("dynamodb").delete_item(
        TableName=system.parameter(names.CREATOR_TABLE_NAME), Key=project_key(told)
    )
    others = prefixes(system) - {told}
    answer = system.cloud.client("lambda").invoke(FunctionName=names.ARCHIVE_PRUNE, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert kept(system, told) == []
    alive = {
        each
        for each in others
        if "Item"
        in system.cloud.client("dynamodb").get_item(
            TableName=system.parameter(names.CREATOR_TABLE_NAME), Key=project_key(each)
        )
    }
    assert alive <= prefixes(system)


def prefixes(system: System) -> set[str]:
    listed = system.cloud.client("s3").list_objects_v2(
        Bucket=system.parameter(names.ARCHIVE_BUCKET), Prefix="project=", Delimiter="/"
    )
    return {each["Prefix"][len("project=") : -1] for each in listed.get("CommonPrefixes", ())}
