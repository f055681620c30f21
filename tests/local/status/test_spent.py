"""The lines of functions, read from the local cloud's own logs."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from local.cloud import Cloud
from local.status.spent import Spent

BEGAN = 1_795_262_400_000


class Log:
    def __init__(self, client: Any) -> None:
        self.client = client
        self.function = f"htmlgame-{uuid4().hex[:8]}"
        self.group = f"/aws/lambda/{self.function}"
        client.create_log_group(logGroupName=self.group)
        client.create_log_stream(logGroupName=self.group, logStreamName="one")

    def write(self, at: int, *lines: dict[str, Any] | str) -> None:
        said = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        self.client.put_log_events(
            logGroupName=self.group,
            logStreamName="one",
            logEvents=[{"timestamp": at, "message": each} for each in said],
        )


@pytest.fixture
def log(cloud: Cloud) -> Iterator[Log]:
    client = cloud.client("logs")
    log = Log(client)
    yield log
    client.delete_log_group(logGroupName=log.group)
    client.close()


def submitted(number: int = 1, **changes: Any) -> dict[str, Any]:
    line = {
        "level": "INFO",
        "message": "PUT /x",
        "status": 200,
        "ms": 20.0,
        "request_id": f"r{number}",
        "edge_id": f"e{number}",
        "game": "snake",
        "periods": ["all", "2026-11"],
        "rru": 1.0,
        "wru": 2.0,
    }
    return line | changes


def read(log: Log, spent: Spent) -> dict[str, Any]:
    spent.read(log.client, lambda line: 7.0 if "2026-11" in line.get("periods", ()) else None)
    return next((t for t in spent.totals() if t["function"] == log.function), {})


def test_units_add_up_for_each_function(log: Log) -> None:
    log.write(BEGAN, submitted(1), submitted(2, rru=0.5, wru=0))
    total = read(log, Spent(BEGAN))
    assert (total["requests"], total["rru"], total["wru"], total["ms"]) == (2, 1.5, 2, 40)


def test_units_by_the_published_rules_are_added_where_a_panel_knows_them(log: Log) -> None:
    log.write(BEGAN, submitted(), submitted(2, periods=["2026-12"]))
    spent = Spent(BEGAN)
    assert read(log, spent)["rruByRules"] == 7
    [[known], [unknown]] = spent.by_request().values()
    assert (known["rruByRules"], unknown["rruByRules"]) == (7, None)


def test_a_line_is_found_by_the_edges_id_of_its_request(log: Log) -> None:
    log.write(BEGAN, submitted(7, user="not told"), submitted(8, edge_id=""))
    spent = Spent(BEGAN)
    read(log, spent)
    [[line]] = spent.by_request().values()
    assert (line["edgeId"], line["function"], line["periods"]) == (
        "e7",
        log.function,
        ["all", "2026-11"],
    )
    assert "user" not in line


def test_a_line_counts_once_however_often_it_is_read_and_late_ones_count_too(log: Log) -> None:
    spent = Spent(BEGAN)
    log.write(BEGAN + 3_000, submitted(1))
    assert read(log, spent)["requests"] == 1
    assert read(log, spent)["requests"] == 1
    log.write(BEGAN + 3_000, submitted(2))
    log.write(BEGAN + 1_000, submitted(3))
    log.write(BEGAN + 60_000, submitted(4))
    assert read(log, spent)["requests"] == 4
    assert read(log, spent)["requests"] == 4


def test_lines_from_before_the_edge_started_are_ignored(log: Log) -> None:
    log.write(BEGAN - 1, submitted())
    assert read(log, Spent(BEGAN)) == {}


def test_only_lines_of_requests_and_failures_are_read(log: Log) -> None:
    failure = {
        "level": "ERROR",
        "message": "unknown failure",
        "edge_id": "e",
        "exception": "canary",
    }
    log.write(
        BEGAN, "START RequestId: 1", "[1]", "{", {"level": "INFO", "message": "kept"}, failure
    )
    spent = Spent(BEGAN)
    total = read(log, spent)
    assert (total["requests"], total["failures"]) == (0, 1)
    assert spent.by_request()["e"][0]["what"] == "unknown failure"
    assert "canary" not in json.dumps(spent.by_request())
