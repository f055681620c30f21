"""Runner: small functions in JavaScript that creators write, run in a sandbox."""

from typing import Final

from config import names
from config.manifest import Capability, Function, Pattern, Table
from config.model import CapabilitySettings, model
from config.units import THROUGH_THE_SITE, Usage


@model
class Runner(CapabilitySettings):
    """It has no settings of its own. API users and their limits are those of Insights."""


FUNCTIONS: Final = Table(id="FunctionTable", parameter=names.parameter("runner", "function-table"))
RUNS: Final = Table(id="RunTable", parameter=names.parameter("runner", "run-table"), precious=False)
API: Final = Function(
    id="Functions",
    name=f"{names.PROJECT}-functions-api",
    module="lambdas.runner.api",
    timeout_seconds=15,
)
SANDBOX: Final = Function(
    id="Sandbox",
    name=f"{names.PROJECT}-sandbox",
    module="lambdas.runner.execute",
    timeout_seconds=5,
    libraries=("sandbox",),
)

RUN: Final = THROUGH_THE_SITE + Usage(
    {"lambda.requests": 1, "dynamodb.writes": 1, "dynamodb.reads": 1.5}
)
"""The count of the API user, and the function with its version, in a second Lambda."""
IN_A_SESSION: Final = RUN + Usage({"dynamodb.writes": 1})
CACHED: Final = THROUGH_THE_SITE + Usage({"dynamodb.writes": 1, "dynamodb.reads": 2})

CAPABILITY: Final = Capability(
    name="runner",
    host="insights",
    settings=Runner,
    local=Runner(),
    complete=Runner(),
    functions=(API, SANDBOX),
    tables=(FUNCTIONS, RUNS),
    patterns=(Pattern(path="functions/*", writes=True),),
    units={"run": RUN, "run in a session": IN_A_SESSION, "cached run": CACHED},
)
