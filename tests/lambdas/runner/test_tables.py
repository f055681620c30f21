"""Versions never change, sessions count each execution, and other users cannot use them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from lambdas.runner.errors import (
    FunctionChanged,
    SessionOver,
    UnknownFunction,
    UnknownSession,
    UnknownVersion,
)
from lambdas.runner.function_table import FunctionTable
from lambdas.runner.functions import MOST_EXECUTIONS, Example, Function, Version
from lambdas.runner.run_table import Run, RunTable, Session
from local.dynamodb.tables import table_named

NOW = 1_795_262_400_000
NEW = Function(project="ann", name="javascript-bonus")
ONE = Version(
    source="function handler() {}",
    schema={"minimum": 0.5},
    examples=(Example(1.5, None, has_output=True),),
    created_at="now",
    created_by="ann",
)
SESSION = Session(
    id="s1",
    project="ann",
    name="javascript-bonus",
    version=1,
    user="ann",
    context='{"player":"p"}',
    created_ms=NOW,
    expires_ms=NOW + 1000,
)


@pytest.fixture
def functions(moto: Any) -> Iterator[FunctionTable]:
    with table_named(moto, "functions"):
        yield FunctionTable(moto, "functions")


@pytest.fixture
def runs(dynamodb: Any) -> Iterator[RunTable]:
    with table_named(dynamodb, "runs"):
        yield RunTable(dynamodb, "runs")


def test_a_version_is_read_as_it_was_written(functions: FunctionTable) -> None:
    made = functions.add(NEW, ONE)
    assert (made.active_version, made.latest, made.created_by) == (1, 1, "ann")
    assert functions.function("ann", NEW.name) == made
    assert functions.version(made, 1) == replace(ONE, number=1)


def test_another_source_is_another_version(functions: FunctionTable) -> None:
    made = functions.add(functions.add(NEW, ONE), replace(ONE, source="2"))
    assert functions.version(made, 1).source == ONE.source
    assert functions.version(made, 2).source == "2"
    assert functions.activate(made, 1, "later").active_version == 1
    with pytest.raises(UnknownVersion):
        functions.activate(made, 3, "later")


def test_two_pushes_at_once_do_not_overwrite_each_other(functions: FunctionTable) -> None:
    functions.add(NEW, ONE)
    with pytest.raises(FunctionChanged):
        functions.add(NEW, replace(ONE, source="other"))
    made = functions.function("ann", NEW.name)
    functions.add(made, replace(ONE, source="2"))
    with pytest.raises(FunctionChanged):
        functions.add(made, replace(ONE, source="3"))
    assert functions.version(made, 2).source == "2"


def test_functions_belong_to_their_project(functions: FunctionTable) -> None:
    functions.add(NEW, ONE)
    with pytest.raises(UnknownFunction):
        functions.function("bob", NEW.name)
    assert list(functions.functions("bob")) == []


def test_an_execution_counts_and_returns_the_session(runs: RunTable) -> None:
    runs.begin(SESSION)
    found = runs.execute("s1", "ann", "javascript-bonus", "ann", NOW + 1)
    assert (found.executions, found.context, found.last_ms) == (1, SESSION.context, NOW + 1)
    assert runs.session("s1", "ann", "javascript-bonus").executions == 1


@pytest.mark.parametrize(
    ("project", "name", "user"),
    [
        ("bob", "javascript-bonus", "ann"),
        ("ann", "javascript-other", "ann"),
        ("ann", "javascript-bonus", "bob"),
    ],
)
def test_anothers_session_is_unknown(runs: RunTable, project: str, name: str, user: str) -> None:
    runs.begin(SESSION)
    with pytest.raises(UnknownSession):
        runs.execute("s1", project, name, user, NOW)
    with pytest.raises(UnknownSession):
        runs.execute("s2", "ann", "javascript-bonus", "ann", NOW)


def test_a_session_ends_by_time_and_by_use(runs: RunTable) -> None:
    runs.begin(replace(SESSION, executions=MOST_EXECUTIONS - 1))
    runs.execute("s1", "ann", "javascript-bonus", "ann", NOW)
    with pytest.raises(SessionOver):
        runs.execute("s1", "ann", "javascript-bonus", "ann", NOW)
    runs.begin(replace(SESSION, id="s2"))
    with pytest.raises(SessionOver):
        runs.execute("s2", "ann", "javascript-bonus", "ann", SESSION.expires_ms)
    assert runs.session("s2", "ann", SESSION.name).to_json(SESSION.expires_ms)["status"] == (
        "expired"
    )


def test_executions_at_once_are_each_counted_in_one_unit(dynalite: Any) -> None:
    with table_named(dynalite, "runs"):
        RunTable(dynalite, "runs").begin(replace(SESSION, executions=MOST_EXECUTIONS - 50))
        tables = [RunTable(dynalite, "runs") for _ in range(100)]

        def execute(table: RunTable) -> bool:
            try:
                table.execute("s1", "ann", "javascript-bonus", "ann", NOW)
            except SessionOver:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(execute, tables)) == 50
        assert {(each.spent.writes, each.spent.reads) for each in tables} == {(1, 0)}


def test_an_answer_is_kept_until_its_time(runs: RunTable) -> None:
    runs.keep_answer("k", "[1]", 100)
    assert runs.answer("k", 99) == "[1]"
    assert runs.answer("k", 100) is None
    assert runs.answer("other", 99) is None


def test_runs_are_listed_newest_first(runs: RunTable) -> None:
    for number in range(3):
        run = Run(
            id=f"r{number}",
            ms=NOW + number,
            version=1,
            user="ann",
            took_ms="1.25",
            memory_kb=70,
            code="threw",
            message="Error: x",
            logs=(("info", "a"),),
        )
        runs.note("ann", "javascript-bonus", run)
    found = runs.runs("ann", "javascript-bonus", limit=2)
    assert [each.id for each in found] == ["r2", "r1"]
    assert found[0].to_json()["tookMs"] == 1.25
    assert runs.runs("bob", "javascript-bonus", limit=2) == []


def test_items_of_the_first_layout_stay_readable(functions: FunctionTable, runs: RunTable) -> None:
    made = functions.add(NEW, replace(ONE, for_players=True, capture=True))
    assert functions.version(made, 1).for_players
    item = functions._get({"PK": "V#ann#javascript-bonus", "SK": "000001"}, consistent=True)
    assert item is not None
    del item["forPlayers"], item["capture"]
    functions._put(item)
    assert functions.version(made, 1) == replace(ONE, number=1)
    run = Run(id="a", ms=NOW, version=1, user="ann", took_ms="1.5", memory_kb=9, cpu_ms="1.2")
    runs.note("ann", "javascript-bonus", replace(run, captured={"input": "1"}))
    [kept] = runs.runs("ann", "javascript-bonus", limit=1)
    assert (kept.captured, kept.cpu_ms) == ({"input": "1"}, "1.2")
    old = runs._get({"PK": "L#ann#javascript-bonus", "SK": f"{NOW:013d}#a"}, consistent=True)
    assert old is not None
    del old["cpuMs"], old["captured"]
    runs._put(old)
    [kept] = runs.runs("ann", "javascript-bonus", limit=1)
    assert kept == replace(run, cpu_ms="0")
