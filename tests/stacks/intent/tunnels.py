"""TunnelsStack: the control plane of agents, gateways and tunnels on creators' own hosts."""

import json
from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import (
    CALLERS,
    HERE,
    LOCK,
    ROUTES,
    Api,
    Function,
    Route,
    Row,
    Table,
    allow,
    check_the_lock,
    function,
    libraries,
    parameter,
    published,
)

STACK: Final = "TunnelsStack"
TABLE: Final = "{TunnelTable.Arn}"
STREAM: Final = "{TunnelTable.StreamArn}"
SOCKET: Final = "{ConnectionsApi.ApiEndpoint}/v1"
KEYS: Final = "/htmlgame/tunnels/certificates"
ACCOUNT_KEY: Final = "/htmlgame/tunnels/acme-account"

_POST: Final = [
    line
    for method in ("POST", "DELETE")
    for line in allow(
        "execute-api:ManageConnections",
        f"arn:aws:execute-api:{HERE}:{{ConnectionsApi}}/v1/{method}/@connections/*",
    )
]


def rows(environment: Environment) -> Iterator[Row]:
    if not environment.tunnels:
        return
    for part in (
        Table(id="TunnelTable", stream="NEW_IMAGE"),
        _creators(),
        _hosts(),
        _authorize(),
        _connections(),
        _push(),
        _certificates(environment),
        _api(),
    ):
        yield from part.rows(STACK, environment)
    yield from libraries(STACK, signing=False)
    yield from _authorizers(environment)
    yield from _socket()
    yield _woken_by_changes()
    yield from published(
        {
            "/htmlgame/tunnels/api-endpoint": "{Api.ApiEndpoint}/prod",
            "/htmlgame/tunnels/websocket-url": SOCKET,
            "/htmlgame/tunnels/table": "{TunnelTable}",
        }
    )


def _creators() -> Function:
    return Function(
        id="Tunnels",
        name="tunnels",
        module="tunnels.api",
        may=[
            *allow(
                "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem "
                "dynamodb:DeleteItem",
                TABLE,
            ),
            *check_the_lock(),
            *allow("lambda:InvokeFunction", function("tunnels-certificates")),
        ],
        settings={
            "TUNNEL_TABLE": "{TunnelTable}",
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "TUNNELS_PATH": "/api/tunnels",
            "CERTIFICATES_FUNCTION": "htmlgame-tunnels-certificates",
        },
    )


def _hosts() -> Function:
    """Answers gateways with private keys. It writes nothing."""
    return Function(
        id="Hosts",
        name="tunnels-hosts",
        module="tunnels.hosts",
        may=[
            *allow("dynamodb:GetItem dynamodb:Query", TABLE),
            *allow("ssm:GetParameters", parameter(f"{KEYS}/*")),
            *check_the_lock(),
        ],
        settings={
            "TUNNEL_TABLE": "{TunnelTable}",
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "TUNNELS_PATH": "/api/tunnels",
            "WEBSOCKET_URL": SOCKET,
            "CERTIFICATE_KEYS": KEYS,
        },
    )


def _authorize() -> Function:
    return Function(
        id="Authorize",
        name="tunnels-authorize",
        module="tunnels.authorize",
        may=allow("dynamodb:GetItem", TABLE),
        settings={"TUNNEL_TABLE": "{TunnelTable}"},
    )


def _connections() -> Function:
    return Function(
        id="Connect",
        name="tunnels-connections",
        module="tunnels.connections",
        may=[
            *allow(
                "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem "
                "dynamodb:DeleteItem",
                TABLE,
            ),
            *_POST,
        ],
        settings={"TUNNEL_TABLE": "{TunnelTable}", "WEBSOCKET_URL": SOCKET},
    )


def _push() -> Function:
    return Function(
        id="Push",
        name="tunnels-push",
        module="tunnels.push",
        may=[
            *allow(
                "dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem dynamodb:DeleteItem", TABLE
            ),
            *allow("dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator", STREAM),
            *allow("dynamodb:ListStreams", "*"),  # takes no resource
            *_POST,
            *allow("lambda:InvokeFunction", function("tunnels-certificates")),
        ],
        settings={
            "TUNNEL_TABLE": "{TunnelTable}",
            "WEBSOCKET_URL": SOCKET,
            "CERTIFICATES_FUNCTION": "htmlgame-tunnels-certificates",
        },
        timeout=60,
    )


def _certificates(environment: Environment) -> Function:
    """Writes private keys and lists their names. It reads only the key of its account."""
    return Function(
        id="Certificates",
        name="tunnels-certificates",
        module="tunnels.certificates",
        may=[
            *allow("dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem", TABLE),
            *allow(
                "ssm:PutParameter ssm:DeleteParameters ssm:GetParametersByPath",
                parameter(f"{KEYS}/*"),
            ),
            *allow("ssm:GetParametersByPath", parameter(KEYS)),
            *allow("ssm:GetParameter ssm:PutParameter", parameter(ACCOUNT_KEY)),
        ],
        settings={
            "TUNNEL_TABLE": "{TunnelTable}",
            "ACME_DIRECTORY": ""
            if environment.local
            else "https://acme-v02.api.letsencrypt.org/directory",
            "ACME_CONTACT": "" if environment.local else "ann@example.com",
            "ACME_KEY_PARAMETER": ACCOUNT_KEY,
            "CERTIFICATE_KEYS": KEYS,
        },
        timeout=300,
        schedules={"CertificatesDue": "rate(15 minutes)"},
    )


_SIGNED_IN: Final = (
    "GET /api/tunnels/overview",
    *(
        f"{route.format(kind=kind)}"
        for kind in ("agents", "gateways")
        for route in (
            "POST /api/tunnels/{kind}",
            "GET /api/tunnels/{kind}",
            "GET /api/tunnels/{kind}/{{id}}",
            "PATCH /api/tunnels/{kind}/{{id}}",
            "DELETE /api/tunnels/{kind}/{{id}}",
            "POST /api/tunnels/{kind}/{{id}}/rotate-key",
            "POST /api/tunnels/{kind}/{{id}}/rotate-wireguard",
        )
    ),
    "POST /api/tunnels/tunnels",
    "GET /api/tunnels/tunnels",
    "GET /api/tunnels/tunnels/{id}",
    "PATCH /api/tunnels/tunnels/{id}",
    "DELETE /api/tunnels/tunnels/{id}",
    "GET /api/tunnels/tunnels/{id}/dns",
    "POST /api/tunnels/tunnels/{id}/certificate",
)
_OF_HOSTS: Final = (
    "GET /api/tunnels/control/config",
    "GET /api/tunnels/challenge/{network}/{domain}/{token}",
    "GET /install/agent.sh",
    "GET /install/gateway.sh",
    "GET /install/control.json",
    "GET /install/programs/{name}",
)


def _api() -> Api:
    """Hosts, installers and certificate authorities have no account; hosts bring their key."""
    return Api(
        name="tunnels",
        a_second=50,
        burst=100,
        routes=[
            *(Route(route=each, function="tunnels", signed_in=True) for each in _SIGNED_IN),
            *(Route(route=each, function="tunnels-hosts") for each in _OF_HOSTS),
        ],
        throttled=dict.fromkeys(_SIGNED_IN, (20, 40)),
    )


def _authorizers(environment: Environment) -> Iterator[Row]:
    issuer = (
        "http://issuer.htmlgame.localhost/auth/v1"
        if environment.local
        else "https://example.supabase.co/auth/v1"
    )
    creators = {
        "ApiId": "{Api}",
        "Name": "Creators",
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Audience": ["authenticated"], "Issuer": issuer},
    }
    yield "AWS::ApiGatewayV2::Authorizer", f"{STACK} ApiCreators", creators
    hosts = {
        "ApiId": "{ConnectionsApi}",
        "Name": "Authorizer",
        "AuthorizerType": "REQUEST",
        # Empty, so that keys in the header and in the address both reach the function.
        "IdentitySource": [],
        "AuthorizerUri": _invocation("tunnels-authorize"),
    }
    yield "AWS::ApiGatewayV2::Authorizer", f"{STACK} ConnectionsApiAuthorizer", hosts


def _invocation(name: str) -> str:
    region = HERE.partition(":")[0]
    return (
        f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function(name)}/invocations"
    )


def _socket() -> Iterator[Row]:
    """Without an access log, which needs a role in the settings of the whole account."""
    yield (
        "AWS::ApiGatewayV2::Api",
        f"{STACK} ConnectionsApi",
        {
            "Name": "htmlgame-tunnels-connections",
            "ProtocolType": "WEBSOCKET",
            "RouteSelectionExpression": "$request.body.type",
        },
    )
    yield (
        "AWS::ApiGatewayV2::Stage",
        f"{STACK} ConnectionsStage",
        {
            "ApiId": "{ConnectionsApi}",
            "StageName": "v1",
            "AutoDeploy": True,
            "DefaultRouteSettings": {"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100},
        },
    )
    source = f"apigateway.amazonaws.com from arn:aws:execute-api:{HERE}:{{ConnectionsApi}}"
    for key in ("$connect", "$disconnect", "$default"):
        admitted = {"AuthorizationType": "CUSTOM", "AuthorizerId": "{ConnectionsApiAuthorizer}"}
        yield (
            ROUTES,
            f"{STACK} ConnectionsApi {key}",
            {
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": _invocation("tunnels-connections"),
                **(admitted if key == "$connect" else {"AuthorizationType": "NONE"}),
            },
        )
        yield CALLERS, "htmlgame-tunnels-connections", [f"{source}/*{key}"]
    yield (
        CALLERS,
        "htmlgame-tunnels-authorize",
        [f"{source}/authorizers/{{ConnectionsApiAuthorizer}}"],
    )


def _woken_by_changes() -> Row:
    """Each change of a network raises its version, and nothing else wakes the function."""
    wanted = {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"SK": {"S": ["V"]}}}}
    row = {
        "FunctionName": "htmlgame-tunnels-push",
        "EventSourceArn": STREAM,
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
        "BisectBatchOnFunctionError": True,
        "FilterCriteria": {
            "Filters": [{"Pattern": json.dumps(wanted, separators=(",", ":"))}],
        },
    }
    return "AWS::Lambda::EventSourceMapping", "htmlgame-tunnels-push", row
