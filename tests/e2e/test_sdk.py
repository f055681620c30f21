"""The SDK as it is shipped, in Node, against the deployed system through the local edge."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from config import names
from config.capabilities import creators
from config.capabilities import telemetry as telemetry_manifest
from lambdas.shared.dynamo.items import packed
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import project_item
from local.edge.control import key_value_store_client
from local.edge.server import LocalEdge
from tests.e2e.conftest import System
from tests.sdk.node import ROOT, SDK, failures, names_in

SCORES = ROOT / "tests" / "e2e" / "sdk.test.js"
TELEMETRY = ROOT / "tests" / "e2e" / "telemetry.test.js"
PROJECT = Project(
    id="0190a5b0-0000-7000-8000-0000000005d4",
    creator_id="11111111-2222-4333-8444-555555555555",
    name="Snake",
    events=("death", "level_up"),
    created_at="2026-11-21T12:00:00.000Z",
)


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture(scope="module")
def _board_that_is_full(system: System, edge: LocalEdge) -> Iterator[None]:
    """This week nobody enters Minesweeper's board in a second or more."""
    store = key_value_store_client(system.cloud)
    arn = system.parameter(names.EDGE_STORE_ARN)
    key = "cfgthr#g:minesweeper#p:weekly"
    before = store.get_key(KvsARN=arn, Key=key)["Value"]

    def put(entry: str) -> None:
        etag = store.describe_key_value_store(KvsARN=arn)["ETag"]
        store.put_key(KvsARN=arn, IfMatch=etag, Key=key, Value=entry)
        edge.refresh()

    put(json.dumps(json.loads(before) | {"from": 0, "until": 0, "thr": [1000, 0]}))
    yield
    put(before)


@pytest.fixture(scope="module")
def scores(edge: LocalEdge, _board_that_is_full: None) -> dict[str, str | None]:
    shipped = SDK / "dist" / "htmlgame.min.js"
    return failures(SCORES, {"HTMLGAME_SITE": edge.url, "HTMLGAME_SDK": str(shipped)})


@pytest.mark.parametrize("name", names_in(SCORES))
def test_scores(scores: dict[str, str | None], name: str) -> None:
    assert scores[name] is None, scores[name]


@pytest.fixture(scope="module")
def telemetry(system: System, edge: LocalEdge) -> dict[str, str | None]:
    system.cloud.client("dynamodb").put_item(
        TableName=system.parameter(creators.TABLE.parameter), Item=packed(project_item(PROJECT))
    )
    shipped = SDK / "dist" / "telemetry.min.js"
    environment = {
        "HTMLGAME_SITE": edge.url,
        "HTMLGAME_SDK": str(shipped),
        "HTMLGAME_PROJECT": PROJECT.id,
    }
    return failures(TELEMETRY, environment)


@pytest.mark.parametrize("name", names_in(TELEMETRY))
def test_telemetry(telemetry: dict[str, str | None], name: str) -> None:
    assert telemetry[name] is None, telemetry[name]


def test_sent_telemetry_is_stored(system: System, telemetry: dict[str, str | None]) -> None:
    assert telemetry
    pages = system.cloud.client("dynamodb").get_paginator("scan")
    table = system.parameter(telemetry_manifest.TABLE.parameter)
    rows = [item for page in pages.paginate(TableName=table) for item in page["Items"]]
    own = [row for row in rows if row["PK"]["S"].startswith(f"P#{PROJECT.id}#")]
    told = Counter(row["name"]["S"] for row in own if "name" in row)
    assert told == {"death": 31, "level_up": 1}
    assert [int(row["score"]["N"]) for row in own if "score" in row] == [120]
    assert sum("ended" in row for row in own) == 2
