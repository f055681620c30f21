"""Every request becomes a row and a count, from the edge to the answers of the API."""

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from config.capabilities import insights, scores
from lambdas.insights.aggregates import Aggregate
from lambdas.insights.api_keys import new_key
from lambdas.insights.key_table import KeyTable
from lambdas.insights.registry import OWN
from lambdas.insights.summaries import by_function
from lambdas.insights.table import InsightsTable
from lambdas.insights.users import Key, User
from lambdas.shared.values.clock import day_of
from local.edge.server import LocalEdge
from tests.e2e.conftest import System
from tests.e2e.player import Player
from tests.e2e.visitor import eventually

PATIENCE_S = 60


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture(scope="module")
def table(system: System) -> InsightsTable:
    name = system.parameter(insights.TABLE.parameter)
    return InsightsTable(system.cloud.client("dynamodb"), name)


@pytest.fixture(scope="module")
def asked(edge: LocalEdge, table: InsightsTable) -> list[Any]:
    """Requests of every kind, all of which are counted."""
    player = Player(edge.url)
    assert player.start().status == 200
    player.ask("GET", "/api/get-start?game=none&user=x")
    player.ask("PUT", f"/api/scores/snake/all/{player.id}", {"X-Score": "5"})
    for _ in range(3):
        player.ask("GET", "/api/ranking/snake/all")
    player.ask("GET", "/api/ranking/none/all")
    player.ask("GET", "/api/ranking/a/b/c")
    player.ask("GET", "/index.html")
    player.ask("GET", "/missing-canary.html")
    handled = list(edge.recent)
    assert eventually(lambda: counted(table).times >= len(handled), PATIENCE_S)
    return handled


def today() -> str:
    return day_of(time.time_ns() // 1_000_000)


def counted(table: InsightsTable) -> Aggregate:
    total = Aggregate()
    for _, _, each in table.hours(today()):
        total.merge(each)
    return total


def rows(system: System) -> list[dict[str, Any]]:
    s3, bucket = system.cloud.client("s3"), system.parameter(insights.BUCKET)
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{insights.ROWS}/")["Contents"]
    files = [s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in found]
    plain = [gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file for file in files]
    return [json.loads(line) for file in plain for line in file.splitlines()]


def test_every_request_is_counted_once_with_its_status(
    asked: list[Any], table: InsightsTable
) -> None:
    total = counted(table)
    assert total.times == len(asked)
    assert total.statuses == Counter(each.status for each in asked)
    assert total.hits == sum(each.cache in ("hit", "stale") for each in asked)


@pytest.mark.usefixtures("asked")
def test_what_the_edge_answered_counts_for_the_edge_function(table: InsightsTable) -> None:
    totals = by_function(table.hours(today()))
    assert totals["javascript-get-start"].statuses == {200: 1, 404: 1}
    assert totals["javascript-validate"].failed == 1
    [code] = totals["javascript-validate"].refused
    assert not code.startswith("http_")
    assert totals["python-get-ranking"].times == 4
    assert totals["api-unrouted"].times == 1
    assert totals["site-files"].times == 2


def test_nobody_and_nothing_raw_is_kept(system: System, asked: list[Any]) -> None:
    kept = rows(system)
    assert sorted(row["id"] for row in kept) == sorted(each.id for each in asked)
    text = json.dumps(kept)
    player = next(each.path for each in asked if each.path.startswith("/api/scores/"))
    assert player.rpartition("/")[2] not in text
    assert "canary" not in text
    assert "127.0.0.1" not in text
    s3, bucket = system.cloud.client("s3"), system.parameter(insights.BUCKET)
    assert eventually(
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix=f"{insights.RAW}/")["KeyCount"] == 0
    )


def test_every_deployed_function_is_listed(table: InsightsTable) -> None:
    listed = {each.language_title: each for each in table.functions(OWN)}
    assert {"python-put-score", "javascript-validate", "python-insights-fold"} <= set(listed)
    assert all(each.description and each.tags and each.active for each in listed.values())
    assert table.schemas()[0]["version"] == 1


class Asker:
    def __init__(self, system: System, edge: LocalEdge, role: str) -> None:
        self.site = edge.url
        keys = KeyTable(system.cloud.client("dynamodb"), system.parameter(insights.KEYS.parameter))
        self.user = keys.create(User(id=f"{role}-{time.time_ns()}", role=role, limit=1000))
        self.key = new_key()
        keys.add_key(self.user, Key(self.key.prefix, self.key.hash, "now"), 0)

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        answer = urllib3.request(
            method,
            f"{self.site}/api/insights{path}",
            headers={"Authorization": f"Bearer {key or self.key.text}"},
            body=None if body is None else json.dumps(body),
            timeout=30,
        )
        return answer.status, answer.json()


@pytest.fixture(scope="module")
def admin(system: System, edge: LocalEdge) -> Asker:
    return Asker(system, edge, "admin")


def test_the_api_says_what_was_counted(asked: list[Any], admin: Asker) -> None:
    status, said = admin.ask("GET", f"/usage?from={today()}")
    assert status == 200
    assert said["total"]["times"] >= len(asked)
    by_name = {each["fn"]: each for each in said["functions"]}
    ranking = by_name["python-get-ranking"]
    assert ranking["cache"]["hits"] == 2
    assert ranking["duration"]["p95Ms"] >= ranking["duration"]["p50Ms"]
    assert by_name["javascript-validate"]["refusals"][0]["times"] == 1
    assert said["series"][-1]["at"].startswith(today())
    status, said = admin.ask("GET", "/functions/python-get-ranking")
    assert said["function"]["languageTitle"] == "python-get-ranking"
    assert said["usage"]["times"] == ranking["times"]


def test_requests_are_found_by_function_status_and_id(asked: list[Any], admin: Asker) -> None:
    _, said = admin.ask("GET", "/requests?fn=javascript-get-start&status=failed")
    [row] = said["items"]
    assert row["status"] == 404
    _, said = admin.ask("GET", f"/requests?id={row['id']}")
    assert said["items"] == [row]
    seen: list[str] = []
    cursor = ""
    while True:
        _, said = admin.ask("GET", f"/requests?limit=3{cursor}")
        seen += [each["id"] for each in said["items"]]
        if said["cursor"] is None:
            break
        cursor = f"&cursor={said['cursor']}"
    assert {each.id for each in asked} <= set(seen)
    assert len(seen) == len(set(seen))


def test_a_failure_is_grouped_with_its_stack_and_leads_to_the_request(
    system: System, edge: LocalEdge, admin: Asker
) -> None:
    """Put-score loses its table for a moment."""
    lambdas, name = system.cloud.client("lambda"), scores.GET_RANKING.name
    before = lambdas.get_function_configuration(FunctionName=name)["Environment"]
    broken = {"Variables": {**before["Variables"], "TABLE_NAME": "no-such-table"}}
    lambdas.update_function_configuration(FunctionName=name, Environment=broken)
    try:
        answer = urllib3.request("GET", f"{edge.url}/api/ranking/bricks/all")
    finally:
        lambdas.update_function_configuration(FunctionName=name, Environment=before)
    assert answer.status == 500

    def group() -> Any:
        _, said = admin.ask("GET", "/functions/python-get-ranking/errors")
        return next(iter(said["failures"]), None)

    found = eventually(group, PATIENCE_S)
    assert found["times"] >= 1
    assert "Traceback" in found["sample"]["stack"]
    edge_id = found["sample"]["edgeId"]
    assert edge_id == answer.headers["x-amz-cf-id"]
    [row] = eventually(lambda: admin.ask("GET", f"/requests?id={edge_id}")[1]["items"], PATIENCE_S)
    assert (row["status"], row["error"]) == (500, "internal")
