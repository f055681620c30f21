"""TelemetryStack: visitors' sessions, events, scores and data, and the summaries for creators."""

import json
from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import (
    LOCK,
    LOCK_HASHES,
    Api,
    CustomResource,
    Function,
    Json,
    Route,
    Row,
    Table,
    allow,
    check_the_lock,
    libraries,
    parameter,
    published,
)
from tests.stacks.policies import ACCOUNT, REGION

STACK: Final = "TelemetryStack"
TELEMETRY: Final = "{TelemetryTable.Arn}"
STREAM: Final = "{TelemetryTable.StreamArn}"
RATES: Final = "{RateTable.Arn}"
DATA: Final = "{DataTable.Arn}"
CREATORS: Final = "{CreatorTable.Arn}"
SECRETS: Final = "{SecretTable.Arn}"
ERASER: Final = f"arn:aws:iam::{ACCOUNT}:role/htmlgame-telemetry-erase-{REGION}"
"""The only principal that changes records of creators' audit: it removes names from them."""
TOKEN_KEYS: Final = "/htmlgame/telemetry/token-keys"
HASH_KEY: Final = "/htmlgame/telemetry/hash-key"

READ_THE_STREAM: Final = [
    *allow("dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator", STREAM),
    *allow("dynamodb:ListStreams", "*"),  # takes no resource
]


def rows(environment: Environment) -> Iterator[Row]:
    if not environment.telemetry:
        return
    for part in (
        *_TABLES,
        _keys(environment),
        CustomResource(id="TokenKeys", provider="KeysProvider", handler="telemetry-keys"),
        _ingest(environment),
        _data(environment),
        _count(),
        _analytics(),
        _api(),
    ):
        yield from part.rows(STACK, environment)
    yield from libraries(STACK, signing=False)
    yield _authorizer(environment)
    yield woken_by_the_stream("telemetry-count", batch=1000, seconds=1 if environment.local else 30)
    yield from published(
        {
            "/htmlgame/telemetry/api-endpoint": "{Api.ApiEndpoint}/prod",
            "/htmlgame/telemetry/telemetry-table": "{TelemetryTable}",
            "/htmlgame/telemetry/rate-table": "{RateTable}",
            "/htmlgame/telemetry/data-table": "{DataTable}",
            "/htmlgame/telemetry/creator-table": "{CreatorTable}",
            "/htmlgame/telemetry/secret-table": "{SecretTable}",
        }
    )


def _only(on: str, partitions: str) -> str:
    return f"{on} if ForAllValues:StringLike dynamodb:LeadingKeys={partitions}"


_TABLES: Final = (
    Table(id="TelemetryTable", stream="NEW_IMAGE"),
    Table(id="RateTable", sorted=False, precious=False),  # counts of a minute
    Table(id="DataTable"),
    Table(id="CreatorTable", append_only="AU#*#*", in_transactions=True, changed_by=ERASER),
    Table(id="SecretTable"),
)


def _keys(environment: Environment) -> Function:
    """Creates and deletes both keys. It reads the one that signs, to rotate it."""
    return Function(
        id="Keys",
        name="telemetry-keys",
        module="telemetry.keys_resource",
        may=[
            *allow("ssm:GetParameter ssm:PutParameter ssm:DeleteParameter", parameter(TOKEN_KEYS)),
            *allow("ssm:PutParameter ssm:DeleteParameter", parameter(HASH_KEY)),
        ],
        settings={
            "TOKEN_KEYS_PARAMETER": TOKEN_KEYS,
            "HASH_KEY_PARAMETER": HASH_KEY,
            # Kept as long as the tables: its hashes find the players who ask to be forgotten.
            "KEEP_HASH_KEY": "0" if environment.local else "1",
        },
        timeout=60,
        schedules={"Monthly": "rate(30 days)"},
    )


def _limits(environment: Environment) -> dict[str, str]:
    """All players on a laptop share one address."""
    return {
        "ADDRESS_REQUESTS_A_MINUTE": "6000" if environment.local else "60",
        "SESSION_REQUESTS_A_MINUTE": "60",
    }


def _ingest(environment: Environment) -> Function:
    return Function(
        id="Ingest",
        name="telemetry-ingest",
        module="telemetry.ingest",
        may=[
            *allow("dynamodb:PutItem dynamodb:UpdateItem dynamodb:BatchWriteItem", TELEMETRY),
            *allow("dynamodb:UpdateItem", RATES),
            *allow("dynamodb:GetItem", CREATORS),  # the project and its settings
            *check_the_lock(),
            *allow("ssm:GetParameters", *map(parameter, [LOCK_HASHES, TOKEN_KEYS, HASH_KEY])),
        ],
        settings={
            "TELEMETRY_TABLE": "{TelemetryTable}",
            "RATE_TABLE": "{RateTable}",
            "CREATOR_TABLE": "{CreatorTable}",
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "TOKEN_KEYS_PARAMETER": TOKEN_KEYS,
            "HASH_KEY_PARAMETER": HASH_KEY,
            "TELEMETRY_PATH": "/api/telemetry",
            # CloudFront appends the viewer's address, and API Gateway appends CloudFront's.
            "GATEWAY_HOPS": "0" if environment.local else "1",
            **_limits(environment),
        },
        at_once=300,
        after=["TokenKeys"],
    )


def _data(environment: Environment) -> Function:
    return Function(
        id="Data",
        name="telemetry-data",
        module="data.api",
        may=[
            *allow(
                "dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem "
                "dynamodb:DeleteItem",
                DATA,
            ),
            *allow("dynamodb:UpdateItem", RATES),
            # the project, and the audit of what its creator deletes
            *allow("dynamodb:GetItem", _only(CREATORS, "PR#*")),
            *allow("dynamodb:PutItem", _only(CREATORS, "AU#*#*")),
            *check_the_lock(),
            *allow("ssm:GetParameters", *map(parameter, [LOCK_HASHES, TOKEN_KEYS])),
        ],
        settings={
            "DATA_TABLE": "{DataTable}",
            "RATE_TABLE": "{RateTable}",
            "CREATOR_TABLE": "{CreatorTable}",
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "TOKEN_KEYS_PARAMETER": TOKEN_KEYS,
            "DATA_PATH": "/api/data",
            "API_BASE_PATH": "/api",
            "ITEMS_A_PROJECT": "50000",
            "UNDECLARED_COLLECTIONS": "0",
            "GATEWAY_HOPS": "0" if environment.local else "1",
            **_limits(environment),
        },
        timeout=29,
        at_once=100,
        after=["TokenKeys"],
    )


def _count() -> Function:
    """Adds the stream's rows to the counters of their day, in the same table."""
    return Function(
        id="Count",
        name="telemetry-count",
        module="telemetry.count",
        may=[*READ_THE_STREAM, *allow("dynamodb:GetItem dynamodb:PutItem", TELEMETRY)],
        settings={"TELEMETRY_TABLE": "{TelemetryTable}"},
        timeout=60,
    )


def _analytics() -> Function:
    return Function(
        id="Analytics",
        name="telemetry-analytics",
        module="analytics.api",
        may=[
            *allow("dynamodb:Query", TELEMETRY),
            *allow("dynamodb:GetItem", CREATORS),  # whose project it is
            *check_the_lock(),
        ],
        settings={
            "TELEMETRY_TABLE": "{TelemetryTable}",
            "CREATOR_TABLE": "{CreatorTable}",
            "ORIGIN_LOCK_PARAMETER": LOCK,
        },
        at_once=50,
    )


def _api() -> Api:
    """Without CORS: only the site's own pages call it."""
    return Api(
        name="telemetry",
        a_second=200,
        burst=400,
        routes=[
            *(
                Route(route=f"POST /api/telemetry/{each}", function="telemetry-ingest")
                for each in (
                    "session",
                    "session/renew",
                    "session/end",
                    "event",
                    "events",
                    "score",
                )
            ),
            *(
                Route(route=f"{each}", function="telemetry-data")
                for each in (
                    "GET /api/data/{collection}",
                    "POST /api/data/{collection}",
                    "GET /api/data/{collection}/{id}",
                    "PUT /api/data/{collection}/{id}",
                    "DELETE /api/data/{collection}/{id}",
                )
            ),
            Route(
                route="GET /api/analytics/summary", function="telemetry-analytics", signed_in=True
            ),
            *(
                Route(route=each, function="telemetry-data", signed_in=True)
                for each in (
                    "GET /api/project/{projectId}/data",
                    "GET /api/project/{projectId}/data/{collection}",
                    "DELETE /api/project/{projectId}/data/{collection}",
                    "DELETE /api/project/{projectId}/data/{collection}/{id}",
                )
            ),
        ],
        throttled={
            **dict.fromkeys(
                (
                    "GET /api/analytics/summary",
                    "GET /api/project/{projectId}/data",
                    "GET /api/project/{projectId}/data/{collection}",
                    "DELETE /api/project/{projectId}/data/{collection}",
                    "DELETE /api/project/{projectId}/data/{collection}/{id}",
                    "GET /api/projects",
                    "POST /api/projects",
                    "GET /api/project/{projectId}",
                    "PUT /api/project/{projectId}",
                    "DELETE /api/project/{projectId}",
                    "POST /api/project/{projectId}/forget",
                    "GET /api/creator/audit",
                    "GET /api/creator/job/{jobId}",
                    "DELETE /api/creator",
                    "GET /api/creator/env",
                    "PUT /api/creator/env",
                    "DELETE /api/creator/env/{key}",
                    "GET /api/project/{projectId}/env",
                    "PUT /api/project/{projectId}/env",
                    "DELETE /api/project/{projectId}/env/{key}",
                ),
                (20, 40),
            )
        },
    )


def _authorizer(environment: Environment) -> Row:
    issuer = (
        "http://issuer.htmlgame.localhost/auth/v1"
        if environment.local
        else "https://example.supabase.co/auth/v1"
    )
    row = {
        "ApiId": "{Api}",
        "Name": "Creators",
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Audience": ["authenticated"], "Issuer": issuer},
    }
    return "AWS::ApiGatewayV2::Authorizer", f"{STACK} ApiCreators", row


def woken_by_the_stream(function: str, *, batch: int, seconds: int) -> Row:
    """From the oldest record, without a limit on retries or age, so that none is lost.

    A batch that fails is halved, so one bad record does not block the others. Only a session's new
    rows and its end start the function; counters, expiry and repeated events do not.
    """
    of_a_session: dict[str, Json] = {"Keys": {"PK": {"S": [{"prefix": "P#"}]}}}
    ended = {"NewImage": {"ended": {"N": [{"exists": True}]}}}
    wanted = [
        {"eventName": ["INSERT"], "dynamodb": of_a_session},
        {"eventName": ["MODIFY"], "dynamodb": of_a_session | ended},
    ]
    row = {
        "FunctionName": f"htmlgame-{function}",
        "EventSourceArn": STREAM,
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": batch,
        "MaximumBatchingWindowInSeconds": seconds,
        "BisectBatchOnFunctionError": True,
        "FilterCriteria": {
            "Filters": [{"Pattern": json.dumps(each, separators=(",", ":"))} for each in wanted]
        },
    }
    return "AWS::Lambda::EventSourceMapping", f"htmlgame-{function}", row
