"""Rows imported wrongly by hand: skipped by requests, reported by the nightly run."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.capabilities import scores
from lambdas.scores.table import board_key, row_key
from lambdas.shared.dynamo.items import packed
from local.scores.boards import fill
from tests.e2e.conftest import System
from tests.e2e.periods import months_ago

MONTH = months_ago(3)
BAD, GOOD = board_key("minesweeper", MONTH), board_key("snake", MONTH)


@pytest.fixture
def spoilt(system: System) -> Iterator[None]:
    """One row of three has lost its name."""
    for key in (BAD, GOOD):
        system.clear(key)
        fill(system.table, key, 3)
    system.cloud.client("dynamodb").update_item(
        TableName=system.parameter(scores.TABLE.parameter),
        Key=packed(row_key(BAD, f"{1:022d}")),
        UpdateExpression="REMOVE userName",
    )
    yield
    for key in (BAD, GOOD):
        system.clear(key)


@pytest.mark.usefixtures("spoilt")
def test_a_ranking_is_shown_without_them_and_the_log_says_so(system: System) -> None:
    reply = system.origin.ranking("minesweeper", MONTH)
    assert reply.status == 200
    assert [item["userId"] for item in reply.body["items"]] == [f"{0:022d}", f"{2:022d}"]
    [line] = [
        line for line in system.log_lines(scores.GET_RANKING.name) if "unreadable row" in line
    ]
    told = json.loads(line)
    assert (told["board"], told["row"], told["problem"]) == (
        BAD,
        f"U#{1:022d}",
        "userName is missing",
    )


def invoke(system: System, boards: list[list[str]]) -> tuple[bool, Any]:
    answer = system.cloud.client("lambda").invoke(
        FunctionName=scores.TRIM_TOP.name, Payload=json.dumps({"boards": boards}).encode()
    )
    return "FunctionError" in answer, json.loads(answer["Payload"].read())


@pytest.mark.usefixtures("spoilt")
def test_the_trim_goes_on_and_ends_in_an_error_that_names_the_row(system: System) -> None:
    failed, said = invoke(system, [["gone", "all"], ["minesweeper", MONTH], ["snake", MONTH]])
    assert failed
    assert said["errorMessage"] == (
        "boards with problems: gone/all: gameId: there is no such game here; "
        f"minesweeper/{MONTH}: unreadable U#{1:022d}: userName is missing, 1 in all"
    )
    lines = [json.loads(line) for line in system.log_lines(scores.TRIM_TOP.name) if line[0] == "{"]
    trimmed = [line for line in lines if line["message"] == "trimmed" and line["period"] == MONTH]
    assert [(line["game"], line["rows"], line["unreadable"]) for line in trimmed] == [
        ("minesweeper", 3, 1),
        ("snake", 3, 0),
    ]
    assert {line["message"] for line in lines if line["level"] == "ERROR"} == {
        "failed on a board",
        "unreadable rows",
    }
