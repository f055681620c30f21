"""The nightly run reports an edge that has lost its values, since no other function notices."""

import importlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from moto import mock_aws

from config import names
from config.capabilities import scores
from config.edge_entries import edge_entries
from config.environments import COMPLETE
from config.games import load_games, runtime_form
from lambdas.scores.games import Games
from lambdas.scores.settings import TrimTopSettings
from lambdas.shared.edge_store import CURRENT_KEY, PREVIOUS_KEY, Changes
from lambdas.shared.keys.signing_keys import new_key
from local.scores.boards import scratch_table
from tests.stacks.cloudwatch import Metrics, alarm_state
from tests.stacks.test_ops_stack import Stack

SETTINGS = TrimTopSettings(
    table_name="trimmed",
    function_name=scores.TRIM_TOP.name,
    edge_store_parameter=names.EDGE_STORE_ARN,
)
GAME = "cfgthr#g:snake"
BOARD = f"{GAME}#p:daily"
ENOUGH_TIME = SimpleNamespace(get_remaining_time_in_millis=lambda: 800_000)


def whole_store() -> dict[str, str]:
    entries = {key: json.dumps(entry) for key, entry in edge_entries(load_games()).items()}
    return entries | {CURRENT_KEY: new_key(1_795_262_400)}


class Trim:
    """The function by itself, with a fake store."""

    def __init__(self, module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.values = whole_store()
        self._module, self._log = module, io.StringIO()
        logger = Logger(service=f"trim-{id(self)}", stream=self._log)
        monkeypatch.setattr(module, "logger", logger)
        monkeypatch.setattr(module, "EdgeStore", lambda *_: SimpleNamespace(change=self._change))

    def _change(self, decide: Callable[[Mapping[str, str]], Changes]) -> Changes:
        changes = decide(self.values)
        self.values |= changes.puts
        return changes

    def run(self, *, context: Any = ENOUGH_TIME, **event: Any) -> str:
        """What it ended with, where that was an error."""
        try:
            self._module.handler(event, context)
        except self._module.TrimFailed as failure:
            self._log.write(f"[ERROR] TrimFailed: {failure}\n")  # as Lambda's runtime does
            return str(failure)
        return ""

    @property
    def log(self) -> str:
        return self._log.getvalue()


@pytest.fixture
def trim(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trim]:
    games = Games(json.loads(runtime_form(load_games())))
    monkeypatch.setattr(Games, "packaged", lambda: games)
    for name, value in SETTINGS.to_environment().items():
        monkeypatch.setenv(name, value)
    with mock_aws(), scratch_table(boto3.client("dynamodb"), SETTINGS.table_name):
        boto3.client("ssm").put_parameter(Name=names.EDGE_STORE_ARN, Value="arn", Type="String")
        module = importlib.reload(importlib.import_module("lambdas.scores.trim_top"))
        yield Trim(module, monkeypatch)


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(COMPLETE)


def state(stack: Stack, alarm: str, lines: str) -> str:
    metrics = Metrics()
    group = names.function_log_group(scores.TRIM_TOP.name)
    metrics.feed(stack.filters, group, lines.splitlines(), at=-1)
    return alarm_state(stack.alarms[alarm], metrics)


def test_a_whole_store_is_nothing_to_tell_of(trim: Trim, stack: Stack) -> None:
    assert PREVIOUS_KEY not in trim.values  # as before the first rotation
    assert trim.run() == ""
    assert state(stack, "failures", trim.log) == "OK"
    assert state(stack, "trim-missed", trim.log) == "OK"


@pytest.mark.parametrize("key", [CURRENT_KEY, GAME, BOARD])
@pytest.mark.parametrize("value", [None, "", "short:secret"])
def test_one_run_that_finds_a_needed_key_lost_sets_off_the_alarm(
    trim: Trim, stack: Stack, key: str, value: str | None
) -> None:
    del trim.values[key]
    if value is not None:
        trim.values[key] = value
    assert trim.run() == f"boards with problems: the edge's store: {key} is missing or corrupt"
    assert state(stack, "failures", trim.log) == "ALARM"
    assert state(stack, "trim-missed", trim.log) == "ALARM"
    assert "secret" not in trim.log


def test_boards_are_trimmed_and_thresholds_written_all_the_same(trim: Trim) -> None:
    del trim.values[CURRENT_KEY]
    before = trim.values[BOARD]
    assert trim.run() != ""
    assert '"message":"trimmed"' in trim.log
    assert trim.values[BOARD] != before


def test_without_an_edge_nothing_of_it_is_asked(trim: Trim, stack: Stack) -> None:
    boto3.client("ssm").delete_parameter(Name=names.EDGE_STORE_ARN)
    assert trim.run() == ""
    assert state(stack, "trim-missed", trim.log) == "OK"


def test_the_last_part_of_a_run_reports(trim: Trim, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that fails is tried again, and would start all that come after it once more."""
    del trim.values[CURRENT_KEY]
    passed_on: list[Any] = []
    monkeypatch.setattr(trim._module, "_run_on", lambda left, **_: passed_on.append(left))
    assert trim.run(context=SimpleNamespace(get_remaining_time_in_millis=lambda: 0)) == ""
    [left] = passed_on
    assert trim.run(boards=left, nightly=True) != ""
