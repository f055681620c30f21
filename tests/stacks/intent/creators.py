"""TelemetryStack's part for creators: projects, secrets, their audit and their erasure."""

from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import (
    GRANTS,
    LOCK,
    LOCK_HASHES,
    Function,
    Route,
    Row,
    allow,
    check_the_lock,
    function,
    kept,
    parameter,
    published,
)
from tests.stacks.intent.telemetry import CREATORS, DATA, HASH_KEY, SECRETS, STACK, TELEMETRY
from tests.stacks.policies import ACCOUNT, REGION

KEY: Final = "{CreatorsSecretsKey.Arn}"
TUNNELS: Final = "/htmlgame/tunnels/table"


def rows(environment: Environment) -> Iterator[Row]:
    if not environment.telemetry:
        return
    for part in (_projects(), _secrets(), _resolve_env(), _erase(environment)):
        yield from part.rows(STACK, environment)
    yield _key(environment)
    yield from _caller_of_resolve_env()
    for route in _ROUTES:
        yield from route.rows(STACK)
    yield from published({"/htmlgame/telemetry/resolve-env-arn": function("resolve-env")})


def _projects() -> Function:
    return Function(
        id="CreatorsProjects",
        name="telemetry-projects",
        module="creators.api",
        may=[
            *allow(
                # a transaction needs the permission of each of its writes
                "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem "
                "dynamodb:DeleteItem",
                CREATORS,
            ),
            *check_the_lock(),
            *allow("ssm:GetParameters", *map(parameter, [LOCK_HASHES, HASH_KEY])),
            *allow("lambda:InvokeFunction", function("telemetry-erase")),
        ],
        settings={
            "CREATOR_TABLE": "{CreatorTable}",
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "HASH_KEY_PARAMETER": HASH_KEY,
            "API_BASE_PATH": "/api",
            "ERASE_FUNCTION": "htmlgame-telemetry-erase",
        },
        at_once=50,
    )


def _secrets() -> Function:
    """Seals values and lists their names. It cannot open a value or query the table."""
    return Function(
        id="CreatorsSecrets",
        name="telemetry-secrets",
        module="secrets.api",
        may=[
            *allow(
                # owner of the project, that it still exists, audit, creator's first write
                "dynamodb:GetItem dynamodb:ConditionCheckItem dynamodb:PutItem dynamodb:UpdateItem",
                CREATORS,
            ),
            *allow("dynamodb:GetItem dynamodb:UpdateItem dynamodb:DeleteItem", SECRETS),
            *allow("kms:Encrypt", KEY),
            *check_the_lock(),
        ],
        settings={
            "CREATOR_TABLE": "{CreatorTable}",
            "SECRET_TABLE": "{SecretTable}",
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "API_BASE_PATH": "/api",
            "KMS_KEY": KEY,
        },
        at_once=50,
    )


def _resolve_env() -> Function:
    """Opens a project's secrets for its server. No route leads to it."""
    return Function(
        id="CreatorsResolveEnv",
        name="resolve-env",
        module="secrets.resolve_env",
        may=[
            *allow("dynamodb:GetItem", CREATORS),
            *allow("dynamodb:BatchGetItem", SECRETS),
            *allow("kms:Decrypt", KEY),
        ],
        settings={"CREATOR_TABLE": "{CreatorTable}", "SECRET_TABLE": "{SecretTable}"},
    )


def _caller_of_resolve_env() -> Iterator[Row]:
    name = f"htmlgame-resolve-env-caller-{REGION}"
    row = {
        "ManagedPolicyName": name,
        "Path": "/",
        "Description": "For the role of whoever runs the projects' servers",
    }
    yield "AWS::IAM::ManagedPolicy", f"{STACK} CreatorsResolveEnvCaller", row
    yield GRANTS, name, allow("lambda:InvokeFunction", function("resolve-env"))


def _erases_tunnels() -> list[str]:
    """In the table of TunnelsStack. The items say which keys, domains and subnets there are."""
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{{TUNNELS}}}"
    return allow("dynamodb:GetItem dynamodb:Query dynamodb:BatchWriteItem", table)


def _erase(environment: Environment) -> Function:
    """Empties partitions of three tables. Its jobs and the audit are in the creators' table."""
    return Function(
        id="CreatorsErase",
        name="telemetry-erase",
        module="erasure.erase",
        may=[
            *allow("dynamodb:Query dynamodb:BatchWriteItem", TELEMETRY, DATA, SECRETS),
            *(_erases_tunnels() if environment.tunnels else ()),
            *allow("dynamodb:UpdateItem", TELEMETRY),  # expires rows sooner
            *allow("dynamodb:GetItem", DATA),  # the list of collections
            *allow(
                "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem "
                "dynamodb:DeleteItem",
                CREATORS,
            ),
        ],
        settings={
            "TELEMETRY_TABLE": "{TelemetryTable}",
            "DATA_TABLE": "{DataTable}",
            "CREATOR_TABLE": "{CreatorTable}",
            "SECRET_TABLE": "{SecretTable}",
            **({"TUNNEL_TABLE": f"{{{TUNNELS}}}"} if environment.tunnels else {}),
            "FUNCTION_NAME": "htmlgame-telemetry-erase",
            # Functions remember a deleted project for a minute, and count it for another.
            "SETTLE_SECONDS": "2" if environment.local else "120",
        },
        timeout=14 * 60,
        invokes_itself=True,
        events={
            "CreatorsGoOnErasing": {
                "Description": "Continues interrupted erasures",
                "ScheduleExpression": "rate(1 hour)",
            }
        },
    )


def _key(environment: Environment) -> Row:
    """Usable by whoever the account's policies allow: the two functions above."""
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    statement = {"Action": "kms:*", "Effect": "Allow", "Principal": root, "Resource": "*"}
    row = {
        "Description": "Seals creators' secrets",
        "EnableKeyRotation": True,
        "KeyPolicy": {"Statement": [statement], "Version": "2012-10-17"},
        **kept(environment, even_by_rollback=False),
    }
    return "AWS::KMS::Key", f"{STACK} CreatorsSecretsKey", row


_ROUTES: Final = [
    Route(route=f"{method} /api{path}", function=f"telemetry-{by}", signed_in=True)
    for by, method, path in (
        ("projects", "GET", "/projects"),
        ("projects", "POST", "/projects"),
        ("projects", "GET", "/project/{projectId}"),
        ("projects", "PUT", "/project/{projectId}"),
        ("projects", "DELETE", "/project/{projectId}"),
        ("projects", "POST", "/project/{projectId}/forget"),
        ("projects", "GET", "/creator/audit"),
        ("projects", "GET", "/creator/job/{jobId}"),
        ("projects", "DELETE", "/creator"),
        ("secrets", "GET", "/creator/env"),
        ("secrets", "PUT", "/creator/env"),
        ("secrets", "DELETE", "/creator/env/{key}"),
        ("secrets", "GET", "/project/{projectId}/env"),
        ("secrets", "PUT", "/project/{projectId}/env"),
        ("secrets", "DELETE", "/project/{projectId}/env/{key}"),
    )
]
