"""What Insights stores, one item of each form, and what its tables read of it."""

import base64
from dataclasses import asdict, replace
from typing import Any, Final

from lambdas.insights.aggregates import Aggregate
from lambdas.insights.failure_table import FailureTable
from lambdas.insights.failures import Failure
from lambdas.insights.registry import OWN, Registered
from lambdas.insights.rows import Row
from lambdas.insights.summaries import refusals, summary
from lambdas.insights.table import InsightsTable
from lambdas.runner.function_table import FunctionTable
from lambdas.runner.functions import Example, Function, Version
from lambdas.runner.run_table import Run, RunTable, Session
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.minute_table import MinuteTable
from lambdas.shared.api_users.users import Key, User

Json = Any
NOW: Final = 1_795_262_400_000
DAY: Final = "2026-11-21"
FN: Final = "javascript-bonus@ann"
TABLES: Final = ("insights", "keys", "minutes", "functions", "runs")
_KEY: Final = "5e884898da28047151d0e56f8dc6292773603d0d6aabbddc52cb9a2d1e0b3f11"
_NAME: Final = "javascript-bonus"


def store(client: Json) -> None:
    """By the tables' own methods, so that a record is of the version that runs it."""
    _store_insights(InsightsTable(client, "insights"), FailureTable(client, "insights"))
    keys = KeyTable(client, "keys")
    user = keys.create(
        User(id="ann", role="admin", limit=7, languages=("javascript",), name="Ann", email="a@b.c")
    )
    keys.add_key(user, Key("hg_live_4fG7hJ2k", _KEY, "2026-11-21T00:00:00.000Z", NOW + 1000), NOW)
    keys.note_activity("ann", NOW, "2026-11-21T12:00:00.000Z")
    MinuteTable(client, "minutes").take("ann", 2, NOW // 1000)
    _store_functions(FunctionTable(client, "functions"), RunTable(client, "runs"))


def _store_insights(table: InsightsTable, failures: FailureTable) -> None:
    row = Row(
        id="request-1==",
        ms=NOW,
        fn=FN,
        route="POST /api/functions/{project}/{function}",
        status=422,
        us=12_345,
        result="Hit",
        bytes=99,
        caller="hash-of-a-caller",
        error="function_threw",
        memory_kb=70,
        cpu_us=2100,
    )
    total = Aggregate.of([row, replace(row, id="request-2==", status=200, error="", us=50)])
    table.count(DAY, "12", FN, total, "0123456789abcdef")
    table.put_day(DAY, FN, total, NOW // 1000)
    table.put_catalogue('{"served":[],"at_edge":[],"callers":["userId"]}')
    table.note_schema("hours and days", "2026-11-21T12:00:00.000Z", "deploy")
    table.salt(DAY, bytes(range(32)), NOW // 1000)
    table.put_function(
        OWN,
        Registered(
            language="python",
            title="put-score",
            description="Takes a score.",
            version="0.1.0",
            tags=("scores",),
            schema={"type": "object"},
            examples=[{"method": "PUT", "path": "/api/scores/{gameId}"}],
            created_at="2026-11-21T00:00:00.000Z",
            updated_at="2026-11-22T00:00:00.000Z",
        ),
    )
    failure = Failure(
        fn="python-put-score",
        code="KeyError",
        message="KeyError: [text]",
        ms=NOW,
        stack="Traceback",
        context='{"service": "put-score"}',
        request_id="lambda-1",
        edge_id="edge-1",
    )
    failures.add([failure], "mark")


def _store_functions(functions: FunctionTable, runs: RunTable) -> None:
    version = Version(
        source="function handler() {}",
        schema={"minimum": 0.5},
        context_schema={"type": "null"},
        examples=(Example(1.5, None, has_output=True, output=2),),
        cache_s=60,
        for_players=True,
        capture=True,
        description="Coins.",
        tags=("daily",),
        created_at="2026-11-21T00:00:00.000Z",
        created_by="ann",
    )
    functions.add(Function(project="ann", name=_NAME), version)
    session = Session(
        id="s1",
        project="ann",
        name=_NAME,
        version=1,
        user="ann",
        context='{"a":1}',
        created_ms=NOW,
        expires_ms=NOW + 60_000,
    )
    runs.begin(session)
    runs.execute("s1", "ann", _NAME, "ann", NOW + 1)
    runs.keep_answer("a-hash", "[1]", NOW // 1000 + 60)
    run = Run(
        id="r1",
        ms=NOW,
        version=1,
        user="ann",
        took_ms="1.5",
        memory_kb=70,
        cpu_ms="1.2",
        code="threw",
        message="Error: x",
        stack="at handler",
        logs=(("info", "day 1"),),
        edge_id="edge-1",
        captured={"input": "1"},
    )
    runs.note("ann", _NAME, run)


def answers(client: Json) -> Json:
    table, failures = InsightsTable(client, "insights"), FailureTable(client, "insights")
    keys, functions = KeyTable(client, "keys"), FunctionTable(client, "functions")
    runs = RunTable(client, "runs")
    function = functions.function("ann", _NAME)
    version = functions.version(function, 1)
    known = keys.key(_KEY)
    assert known is not None
    return {
        "hours": [[fn, at, _total(total)] for fn, at, total in table.hours(DAY)],
        "counted again": table.count(DAY, "12", FN, Aggregate(), "0123456789abcdef"),
        "days": [[fn, at, _total(total)] for fn, at, total in table.days(DAY[:7])],
        "routes": table.catalogue(),
        "schemas": [each["description"] for each in table.schemas()],
        "salt": table.salt(DAY, b"another", 0).hex(),
        "registry": [each.to_json() for each in table.functions(OWN)],
        "failures": [each.to_json() for each in failures.groups("python-put-score")],
        "users": [each.to_json() for each in keys.users()],
        "key": [asdict(known[0]), *known[1:]],
        "function": function.to_json(),
        "version": {**asdict(version), "examples": [each.to_json() for each in version.examples]},
        "session": runs.session("s1", "ann", _NAME).to_json(NOW),
        "session goes on": runs.execute("s1", "ann", _NAME, "ann", NOW + 2).executions,
        "kept answer": runs.answer("a-hash", NOW // 1000),
        "runs": [each.to_json() for each in runs.runs("ann", _NAME, limit=5)],
    }


def _total(total: Aggregate) -> Json:
    return {**summary(total), "refusals": refusals(total)}


def items(client: Json) -> dict[str, list[Json]]:
    return {
        table: sorted((_encoded(each) for each in client.scan(TableName=table)["Items"]), key=repr)
        for table in TABLES
    }


def put(client: Json, recorded: dict[str, list[Json]]) -> None:
    for table, each_of in recorded.items():
        for each in each_of:
            client.put_item(TableName=table, Item=_decoded(each))


def _encoded(item: Json) -> Json:
    return {
        name: {"B": base64.b64encode(item[name]["B"]).decode()} if "B" in item[name] else item[name]
        for name in sorted(item)
    }


def _decoded(item: Json) -> Json:
    return {
        name: {"B": base64.b64decode(value["B"])} if "B" in value else value
        for name, value in item.items()
    }
