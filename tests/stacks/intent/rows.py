"""The form of a row, and the parts that expand to several rows.

A part's defaults are those that most parts of its kind share, so it lists only what differs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.stacks.intent.environments import Environment
from tests.stacks.policies import ACCOUNT, REGION

Json = Any
Row = tuple[str, str, Json]
"""A kind, a name, and all its settings."""
ByKind = dict[str, dict[str, Json]]
"""Rows by kind and name."""

HERE: Final = f"{REGION}:{ACCOUNT}"
DISTRIBUTION_ID: Final = "{/htmlgame/front-stack/cf-dist-id}"
DISTRIBUTION: Final = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{DISTRIBUTION_ID}"
LOCK: Final = "/htmlgame/edge-stack/origin-verify"
LOCK_HASHES: Final = f"{LOCK}-sha256"

WRITE_A_LOG: Final = "logs:CreateLogStream logs:PutLogEvents"

GRANTS: Final = "grants"
CALLERS: Final = "callers"
ROUTES: Final = "routes"


def table(rows: Iterable[Row]) -> ByKind:
    """Joins lists of the same name. Any other row may appear once."""
    found: ByKind = {}
    for kind, name, row in rows:
        of_kind = found.setdefault(kind, {})
        if isinstance(row, list):
            of_kind[name] = sorted([*of_kind.get(name, []), *row])
        else:
            assert name not in of_kind, f"{kind}: {name} has two rows"
            of_kind[name] = row
    return found


def parameter(name: str) -> str:
    return f"arn:aws:ssm:{HERE}:parameter{name}"


def function(name: str) -> str:
    return f"arn:aws:lambda:{HERE}:function:htmlgame-{name}"


def allow(actions: str, *on: str) -> list[str]:
    """Returns a line for each action and resource."""
    return [f"{action} on {each}" for action in actions.split() for each in on]


def check_the_lock() -> list[str]:
    """By its hashes; by itself only while an older EdgeStack publishes none."""
    return allow("ssm:GetParameter", parameter(LOCK_HASHES), parameter(LOCK))


def deny_plain_http(environment: Environment, actions: str, *on: str) -> list[str]:
    """Nothing for the emulator, which speaks plain HTTP on loopback."""
    if environment.local:
        return []
    return [
        f"deny everyone {line} if Bool aws:SecureTransport=false" for line in allow(actions, *on)
    ]


def trusted_service(name: str) -> Json:
    return {
        "Statement": [
            {
                "Action": "sts:AssumeRole",
                "Effect": "Allow",
                "Principal": {"Service": f"{name}.amazonaws.com"},
            }
        ],
        "Version": "2012-10-17",
    }


@dataclass(frozen=True, kw_only=True)
class Function:
    """A Lambda of this project, with its log, its role and the rules that start it."""

    id: str
    name: str
    module: str
    may: Sequence[str]
    """Besides writing its own log."""
    settings: Mapping[str, str]
    timeout: int = 10
    at_once: int | None = None
    """The most invocations at once, in an account that allows 1,000."""
    memory: int = 256
    signing: bool = False
    """Whether it carries the library that signs requests to the edge's store."""
    invokes_itself: bool = False
    """Whether it continues in another invocation. Lambda stops any other loop after 16 calls."""
    schedules: Mapping[str, str] = field(default_factory=dict)
    """Expressions by the id of the rule."""
    events: Mapping[str, Json] = field(default_factory=dict)
    """Other rules, in full."""
    rules_after: Sequence[str] = ()
    after: Sequence[str] = ()

    def rows(self, stack: str, environment: Environment) -> Iterator[Row]:
        name = f"{stack} {self.id}"
        yield "AWS::Lambda::Function", name, self._settings(environment)
        yield from log_group(stack, f"{self.id}Logs", environment, self._log)
        role = {"RoleName": self._role, "AssumeRolePolicyDocument": trusted_service("lambda")}
        yield "AWS::IAM::Role", f"{name}Role", role
        own_log = f"arn:aws:logs:{HERE}:log-group:{self._log}:*"
        own = allow(WRITE_A_LOG, own_log)
        if self.invokes_itself:
            own += allow("lambda:InvokeFunction", function(self.name))
        yield GRANTS, self._role, [*own, *self.may]
        yield from self._rules(stack)

    @property
    def _log(self) -> str:
        return f"/aws/lambda/htmlgame-{self.name}"

    @property
    def _role(self) -> str:
        return f"htmlgame-{self.name}-{REGION}"

    def _settings(self, environment: Environment) -> Json:
        signing = ["{LibrariesSigning}"] if self.signing else []
        return {
            "FunctionName": f"htmlgame-{self.name}",
            "Handler": f"lambdas.{self.module}.handler",
            "Runtime": "python3.13",
            "Architectures": [environment.architecture],
            "MemorySize": self.memory,
            "Timeout": self.timeout,
            "Layers": ["{LibrariesCommon}", *signing],
            "Role": f"arn:aws:iam::{ACCOUNT}:role/{self._role}",
            "LoggingConfig": {"LogGroup": self._log},
            "Environment": {
                "Variables": {**self.settings, "PYTHONTZPATH": "/opt/python/tzdata/zoneinfo"}
            },
            **({"RecursiveLoop": "Allow"} if self.invokes_itself else {}),
            **(
                {"ReservedConcurrentExecutions": self.at_once}
                if self.at_once and environment.name == "complete"
                else {}
            ),
            **_after(self.after),
        }

    def _rules(self, stack: str) -> Iterator[Row]:
        schedules = {rule: {"ScheduleExpression": at} for rule, at in self.schedules.items()}
        for rule, start in {**schedules, **self.events}.items():
            row = {
                **start,
                "State": "ENABLED",
                "Targets": [{"Arn": function(self.name), "Id": "Target0"}],
                **_after(self.rules_after),
            }
            yield "AWS::Events::Rule", f"{stack} {rule}", row
            yield CALLERS, f"htmlgame-{self.name}", [f"events.amazonaws.com from {{{rule}.Arn}}"]


def _after(names: Sequence[str]) -> dict[str, Json]:
    return {"after": sorted(names)} if names else {}


def log_group(stack: str, id: str, environment: Environment, name: str = "") -> Iterator[Row]:
    row: dict[str, Json] = {"RetentionInDays": environment.log_days}
    yield "AWS::Logs::LogGroup", f"{stack} {id}", row | ({"LogGroupName": name} if name else {})


@dataclass(frozen=True, kw_only=True)
class CustomResource:
    """A resource that one of our Lambdas creates, called by the CDK's provider framework."""

    id: str
    provider: str
    handler: str
    properties: Mapping[str, Json] = field(default_factory=dict)
    after: Sequence[str] = ()

    def rows(self, stack: str, environment: Environment) -> Iterator[Row]:
        framework = f"{self.provider}framework"
        handler, role = function(self.handler), f"{framework}onEventServiceRole"
        yield (
            "AWS::CloudFormation::CustomResource",
            f"{stack} {self.id}",
            {
                "ServiceToken": f"{{{framework}onEvent.Arn}}",
                **self.properties,
                **_after(self.after),
            },
        )
        yield (
            "AWS::Lambda::Function",
            f"{stack} {framework}onEvent",
            {
                "Description": "AWS CDK resource provider framework - onEvent "
                f"({stack}/{self.provider})",
                "Handler": "framework.onEvent",
                "Runtime": "nodejs24.x",  # by the CDK's choice
                "Timeout": 900,
                "Role": f"{{{role}.Arn}}",
                "LoggingConfig": {
                    "ApplicationLogLevel": "FATAL",
                    "LogFormat": "JSON",
                    "LogGroup": f"{{{self.provider}Logs}}",
                },
                "Environment": {"Variables": {"USER_ON_EVENT_FUNCTION_ARN": handler}},
            },
        )
        yield from log_group(stack, f"{self.provider}Logs", environment)
        trust = {"AssumeRolePolicyDocument": trusted_service("lambda")}
        yield "AWS::IAM::Role", f"{stack} {role}", trust
        yield (
            GRANTS,
            f"{stack} {role}",
            [
                *allow("lambda:InvokeFunction", handler, f"{handler}:*"),
                *allow("lambda:GetFunction", handler),
                # Not logs:CreateLogGroup: its last lines arrive after the stack deletes the group.
                *allow(WRITE_A_LOG, f"{{{self.provider}Logs.Arn}}"),
            ],
        )


@dataclass(frozen=True, kw_only=True)
class Route:
    route: str
    function: str
    signed_in: bool = False
    api: str = "Api"
    throttle: tuple[int, int] | None = None
    """Requests a second, and at once, where it has a throttle of its own."""

    def rows(self, stack: str) -> Iterator[Row]:
        """A proxy in the payload format that the handlers read, and the permission to call it."""
        signed_in = {"AuthorizationType": "JWT", "AuthorizerId": "{ApiCreators}"}
        row = {
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": function(self.function),
            "PayloadFormatVersion": "2.0",
            **(signed_in if self.signed_in else {"AuthorizationType": "NONE"}),
        }
        yield ROUTES, f"{stack} {self.api} {self.route}", row
        path = self.route.partition(" ")[2]
        source = f"arn:aws:execute-api:{HERE}:{{{self.api}}}/*/*{path}"
        caller = f"apigateway.amazonaws.com from {source}"
        yield CALLERS, f"htmlgame-{self.function}", [caller]


@dataclass(frozen=True, kw_only=True)
class Api:
    """An HTTP API: one throttled stage, whose access log identifies nobody."""

    name: str
    a_second: int
    burst: int
    routes: Sequence[Route]
    throttled: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Other routes with a throttle of their own: requests a second, and at once."""
    cors: Json = None

    def rows(self, stack: str, environment: Environment) -> Iterator[Row]:
        name, log = f"htmlgame-{self.name}", f"/aws/http-api/htmlgame-{self.name}"
        cors = {"CorsConfiguration": self.cors} if self.cors else {}
        api = {"Name": name, "ProtocolType": "HTTP", **cors}
        yield "AWS::ApiGatewayV2::Api", f"{stack} Api", api
        yield (
            "AWS::ApiGatewayV2::Stage",
            f"{stack} ApiStage",
            {
                "ApiId": "{Api}",
                "StageName": "prod",
                "AutoDeploy": True,
                "DefaultRouteSettings": {
                    "ThrottlingRateLimit": self.a_second,
                    "ThrottlingBurstLimit": self.burst,
                },
                **({"RouteSettings": self._throttles()} if self._throttles() else {}),
                **_after([_route_id(route) for route in self._throttles()]),
                "AccessLogSettings": {
                    "DestinationArn": f"arn:aws:logs:{HERE}:log-group:{log}:*",
                    "Format": _ACCESS_LOG,
                },
            },
        )
        yield from log_group(stack, "ApiAccessLog", environment, log)
        for each in self.routes:
            yield from each.rows(stack)

    def _throttles(self) -> Json:
        own = {each.route: each.throttle for each in self.routes if each.throttle}
        return {
            route: {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst}
            for route, (rate, burst) in {**own, **self.throttled}.items()
        }


def _route_id(route: str) -> str:
    """The logical id of a route: API Gateway refuses settings of one that does not exist."""
    return "Api" + "".join(each for each in route if each.isalnum())


_ACCESS_LOG: Final = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "ms": "$context.responseLatency",
    "integrationMs": "$context.integrationLatency",
    "integrationStatus": "$context.integrationStatus",
    "error": "$context.error.message",
    "bytes": "$context.responseLength",
}
"""No address, agent or path."""


_CHANGES: Final = "dynamodb:DeleteItem dynamodb:PartiQLUpdate dynamodb:PartiQLDelete"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Billed by the request, without an index. Items expire by the attribute `expires`."""

    id: str
    sorted: bool = True
    precious: bool = True
    """Whether it can be restored and outlives its stack."""
    stream: str = ""
    append_only: str = ""
    """The partition key of items that nobody changes or deletes."""
    in_transactions: bool = False
    """Whether transactions may change them, too."""
    changed_by: str = ""
    """The only principal that may update them."""

    def rows(self, stack: str, environment: Environment) -> Iterator[Row]:
        keys = {"PK": "HASH", "SK": "RANGE"} if self.sorted else {"PK": "HASH"}
        recovery = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
        stream = {"StreamSpecification": {"StreamViewType": self.stream}}
        records = f"ForAnyValue:StringLike dynamodb:LeadingKeys={self.append_only}"
        alone = " if Null dynamodb:EnclosingOperation=true" if self.in_transactions else ""
        but = f" if ArnNotEquals aws:PrincipalArn={self.changed_by}" if self.changed_by else ""
        policy = [
            *(f"deny everyone {line} if {records}{alone}" for line in allow(_CHANGES, "*")),
            f"deny everyone dynamodb:BatchWriteItem on * if {records}",
            f"deny everyone dynamodb:UpdateItem on * if {records}{alone}{but}",
        ]
        yield (
            "AWS::DynamoDB::Table",
            f"{stack} {self.id}",
            {
                "AttributeDefinitions": [
                    {"AttributeName": key, "AttributeType": "S"} for key in keys
                ],
                "KeySchema": [
                    {"AttributeName": key, "KeyType": kind} for key, kind in keys.items()
                ],
                "BillingMode": "PAY_PER_REQUEST",
                "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
                "DeletionProtectionEnabled": self.precious and not environment.local,
                **(recovery if self.precious else {}),
                **(stream if self.stream else {}),
                **({"ResourcePolicy": policy} if self.append_only else {}),
                **(kept(environment) if self.precious else {}),
            },
        )


def kept(environment: Environment, *, even_by_rollback: bool = True) -> dict[str, Json]:
    """On AWS data outlives its stack.

    A first deploy that fails takes empty keys and buckets with it. It leaves tables: their deletion
    protection would stop the rollback.
    """
    if environment.local:
        return {}
    deletion = "Retain" if even_by_rollback else "RetainExceptOnCreate"
    return {"deletion": deletion, "replacement": "Retain"}


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Private, encrypted by S3, and reached over TLS alone."""

    id: str
    expires: Mapping[str, int] = field(default_factory=dict)
    """Days by prefix."""
    readers: Sequence[str] = ()
    filled_at_once: bool = False
    """Whether it may hold objects before the first deploy has finished."""

    def rows(self, stack: str, environment: Environment) -> Iterator[Row]:
        rules = [
            {
                "ExpirationInDays": days,
                "Status": "Enabled",
                **({"Prefix": prefix} if prefix else {}),
            }
            for prefix, days in self.expires.items()
        ]
        encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        yield (
            "AWS::S3::Bucket",
            f"{stack} {self.id}",
            {
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
                "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
                **({"LifecycleConfiguration": {"Rules": rules}} if rules else {}),
                **kept(environment, even_by_rollback=self.filled_at_once),
            },
        )
        arn = f"{{{self.id}.Arn}}"
        policy = [*deny_plain_http(environment, "s3:*", arn, f"{arn}/*"), *self.readers]
        if policy:
            yield "AWS::S3::BucketPolicy", f"{stack} {self.id}Policy", policy


def published(values: Mapping[str, str]) -> Iterator[Row]:
    """Parameters that other stacks and operators read."""
    for name, value in values.items():
        yield "AWS::SSM::Parameter", name, {"Name": name, "Type": "String", "Value": value}


def libraries(stack: str, *, signing: bool) -> Iterator[Row]:
    for name in ("Common", "Signing") if signing else ("Common",):
        yield "AWS::Lambda::LayerVersion", f"{stack} Libraries{name}", {}
