"""Secrets: values that are sealed for one creator or project, and opened for its servers."""

from typing import Final

from config import names
from config.manifest import Capability, Function, Table

TABLE: Final = Table(
    id="SecretTable",
    parameter=names.parameter("telemetry", "secret-table"),
    eraser_may=("Query", "BatchWriteItem"),
)
API: Final = Function(
    id="Secrets",
    scope="Creators",
    name=f"{names.PROJECT}-telemetry-secrets",
    module="lambdas.secrets.api",
    share=0.05,
)
RESOLVE_ENV: Final = Function(
    id="ResolveEnv",
    scope="Creators",
    name=f"{names.PROJECT}-resolve-env",
    module="lambdas.secrets.resolve_env",
)
RESOLVE_ENV_ARN: Final = names.parameter("telemetry", "resolve-env-arn")
RESOLVE_ENV_CALLER: Final = f"{names.PROJECT}-resolve-env-caller"

CAPABILITY: Final = Capability(
    name="secrets",
    host="telemetry",
    always=True,
    functions=(API, RESOLVE_ENV),
    tables=(TABLE,),
    parameters=(RESOLVE_ENV_ARN,),
)
