"""InsightsStack's functions of creators: an API, and a sandbox that may only log."""

from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.insights import KEYS, MINUTES, STACK
from tests.stacks.intent.players import TOKEN_KEYS
from tests.stacks.intent.rows import (
    LOCK,
    Function,
    Row,
    Table,
    allow,
    check_the_lock,
    function,
    parameter,
    published,
)

FUNCTIONS: Final = "{FunctionTable.Arn}"
RUNS: Final = "{RunTable.Arn}"


def rows(environment: Environment) -> Iterator[Row]:
    if not environment.insights:
        return
    for part in (
        Table(id="FunctionTable"),
        Table(id="RunTable", precious=False),
        _functions(environment),
        _sandbox(),
    ):
        yield from part.rows(STACK, environment)
    yield from published(
        {
            "/htmlgame/runner/function-table": "{FunctionTable}",
            "/htmlgame/runner/run-table": "{RunTable}",
        }
    )


def _functions(environment: Environment) -> Function:
    return Function(
        id="Functions",
        name="functions-api",
        module="runner.api",
        may=[
            *allow("dynamodb:GetItem dynamodb:Query dynamodb:PutItem", FUNCTIONS),
            *allow("dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem", RUNS),
            *allow("dynamodb:GetItem dynamodb:UpdateItem", KEYS),
            *allow("dynamodb:UpdateItem", MINUTES),
            *allow("lambda:InvokeFunction", function("sandbox")),
            *check_the_lock(),
            # Players run functions with their own tokens.
            *(allow("ssm:GetParameter", parameter(TOKEN_KEYS)) if environment.players else []),
        ],
        settings={
            "FUNCTION_TABLE": "{FunctionTable}",
            "RUN_TABLE": "{RunTable}",
            "KEY_TABLE": "{KeyTable}",
            "MINUTE_TABLE": "{MinuteTable}",
            "SANDBOX_FUNCTION": "htmlgame-sandbox",
            "ORIGIN_LOCK_PARAMETER": LOCK,
            **({"TOKEN_KEYS_PARAMETER": TOKEN_KEYS} if environment.players else {}),
            "FUNCTIONS_PATH": "/api/functions",
        },
        timeout=15,
    )


def _sandbox() -> Function:
    """It runs strangers' code, so it may do nothing and knows nothing."""
    return Function(
        id="Sandbox",
        name="sandbox",
        module="runner.execute",
        may=[],
        settings={},
        timeout=5,
        layers=("Sandbox",),
    )
