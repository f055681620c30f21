"""The deployed trim function, on boards that were imported."""

import json
import time
from typing import Any

import pytest

from config import names
from config.capabilities import scores
from lambdas.scores.table import board_key
from local.scores.boards import fill
from tests.e2e.conftest import System

ROWS = 130
TOP = 100


def invoke(system: System, payload: dict[str, Any]) -> Any:
    answer = system.cloud.client("lambda").invoke(
        FunctionName=scores.TRIM_TOP.name, Payload=json.dumps(payload).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    return json.loads(answer["Payload"].read())


def test_the_schedules_event_brings_every_board_back(system: System) -> None:
    week = system.origin.ranking("minesweeper", "weekly").body["period"]
    key = board_key("minesweeper", week)
    system.empty(key)
    fill(system.table, key, ROWS)
    result = invoke(system, {"source": "aws.events", "detail-type": "Scheduled Event"})
    assert result["left"] == []
    report = {(each["game"], each["period"]): each for each in result["boards"]}
    assert report["minesweeper", week]["deleted"] == ROWS - TOP
    assert ("snake", "all") in report
    assert len(system.table.rows(key)) == TOP


def test_the_schedule_itself_points_at_the_function(system: System) -> None:
    events = system.cloud.client("events")
    rules = events.list_rule_names_by_target(TargetArn=system.parameter(scores.TRIM_ARN))
    [rule] = rules["RuleNames"]
    assert events.describe_rule(Name=rule)["ScheduleExpression"] == "cron(10 0 * * ? *)"


@pytest.fixture
def hurried(system: System) -> Any:
    """A function whose time is up as soon as it begins."""
    functions = system.cloud.client("lambda")

    def allow(seconds: int) -> None:
        functions.update_function_configuration(FunctionName=scores.TRIM_TOP.name, Timeout=seconds)

    allow(30)
    yield
    allow(840)
    deadline = time.monotonic() + 60
    while not has_time(system):
        assert time.monotonic() < deadline, "the function still has the short timeout"
        time.sleep(1)
        allow(840)


def has_time(system: System) -> bool:
    """False while the emulator replaces workers: the old timeout or a missing layer may be left."""
    answer = system.cloud.client("lambda").invoke(
        FunctionName=scores.TRIM_TOP.name,
        Payload=json.dumps({"boards": [["snake", "all"], ["minesweeper", "all"]]}).encode(),
    )
    return "FunctionError" not in answer and not json.loads(answer["Payload"].read())["left"]


@pytest.mark.usefixtures("hurried")
def test_short_of_time_it_runs_on_in_another_invocation(system: System) -> None:
    before = system.invocations(scores.TRIM_TOP.name)
    result = invoke(system, {"boards": [["snake", "all"], ["minesweeper", "all"]]})
    assert [each["game"] for each in result["boards"]] == ["snake"]
    assert result["left"] == [["minesweeper", "all"]]
    deadline = time.monotonic() + 20
    while system.invocations(scores.TRIM_TOP.name) < before + 2:
        assert time.monotonic() < deadline, "nothing ran on"
        time.sleep(0.2)


@pytest.mark.usefixtures("hurried")
def test_a_night_that_runs_on_is_a_night_still(system: System) -> None:
    def finished() -> int:
        pages = system.cloud.client("logs").get_paginator("filter_log_events")
        group = names.function_log_group(scores.TRIM_TOP.name)
        told = pages.paginate(logGroupName=group, filterPattern='"trim finished"')
        return sum(len(page["events"]) for page in told)

    before = finished()
    assert invoke(system, {})["left"]
    deadline = time.monotonic() + 60
    while finished() == before:
        assert time.monotonic() < deadline, "no night was finished"
        time.sleep(0.2)
