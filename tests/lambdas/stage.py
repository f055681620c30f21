"""The telemetry's own functions on tables of their own, with failures where a test wants them."""

import importlib
import json
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

from lambdas.shared.dynamo.items import packed
from lambdas.shared.http.origin_lock import hash_of
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import project_item
from local.dynamodb.tables import table_named
from tests.dynamodb import is_moto
from tests.lambdas.two_creators import everything

PROJECT: Final = Project(
    id="0190a5b0-0000-7000-8000-00000000cafe",
    creator_id="11111111-2222-4333-8444-555555555555",
    name="Snake",
    events=("death", "level_up", "shot"),
    created_at="2026-11-21T12:00:00.000Z",
    updated_at="2026-11-21T12:00:00.000Z",
)
LOCK: Final = "locked"
PUBLISHED: Final = "/lock-sha256"
_SETTINGS: Final = {
    "TELEMETRY_TABLE": "telemetry",
    "RATE_TABLE": "rates",
    "CREATOR_TABLE": "creators",
    "DATA_TABLE": "data",
    "TUNNEL_TABLE": "tunnels",
    "ORIGIN_LOCK_PARAMETER": "/lock",
    "TOKEN_KEYS_PARAMETER": "/keys",
    "HASH_KEY_PARAMETER": "/hash",
    "TELEMETRY_PATH": "/api/telemetry",
    "DATA_PATH": "/api/data",
    "API_BASE_PATH": "/api",
    "ITEMS_A_PROJECT": "50000",
    "UNDECLARED_COLLECTIONS": "0",
    "ADDRESS_REQUESTS_A_MINUTE": "60",
    "SESSION_REQUESTS_A_MINUTE": "60",
    "GATEWAY_HOPS": "1",
}
_PARAMETERS: Final = {
    "/lock": LOCK,
    PUBLISHED: hash_of(LOCK),
    "/keys": "t0000:s3cret-of-tokens",
    "/hash": "s3cret-of-hashes",
}
_STREAM: Final = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}
GATEWAY: Final = "130.176.0.1"

Item = dict[str, Any]


_THROTTLED: Final = b'{"__type":"#ProvisionedThroughputExceededException","message":"slower"}'


class Crashed(BaseException):
    """The function is gone, at this very moment."""


class Context:
    aws_request_id = "request-1"


@dataclass
class Stage:
    dynamodb: Any
    modules: dict[str, Any] = field(default_factory=dict)
    clock: Any = None
    claims: dict[str, str] | None = None
    """Of the token that the authorizer has verified, where a creator asks."""

    def module(self, name: str) -> Any:
        """Loads the module again as Lambda does, with its settings in the environment."""
        if name not in self.modules:
            self.modules[name] = importlib.reload(importlib.import_module(f"lambdas.{name}"))
        return self.modules[name]

    def post(self, path: str, body: Any, *, address: str = "203.0.113.9") -> "Reply":
        return self.call("telemetry.ingest", f"POST /api/telemetry/{path}", body, address=address)

    def call(
        self,
        function: str,
        route: str,
        body: Any = None,
        *,
        address: str = "203.0.113.9",
        path: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> "Reply":
        event: Item = {
            "routeKey": route,
            "headers": {
                "x-origin-verify": LOCK,
                "x-forwarded-for": f"{address}, {GATEWAY}",
                "user-agent": "Mozilla/5.0 (planted agent)",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            "requestContext": {"http": {"sourceIp": GATEWAY}},
            "pathParameters": path or {},
            "body": body if isinstance(body, str) else json.dumps(body),
        }
        if query is not None:
            event["queryStringParameters"] = query
        if self.claims is not None:
            event["requestContext"] |= {"authorizer": {"jwt": {"claims": self.claims}}}
        response = self.module(function).handler(event, Context())
        return Reply(response["statusCode"], json.loads(response["body"]), response["headers"])

    def items(self, table: str) -> list[Item]:
        """Reads moto's store directly, because its Scan takes ten times as long."""
        if not is_moto(self.dynamodb):
            return everything(self.dynamodb, table)
        return [item.to_json()["Attributes"] for item in _backend().tables[table].all_items()]

    def stream(self) -> list[Item]:
        """All records of the TelemetryTable's stream, in order."""
        shard = _backend().tables["telemetry"].stream_shard
        return [record.to_json() for record in shard.items] if shard else []


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> tuple[int, str]:
        return self.status, self.body["error"]["code"]


@contextmanager
def staged(
    client: Any, monkeypatch: pytest.MonkeyPatch, *, streamed: bool = False
) -> Iterator[Stage]:
    """The functions with their tables where this client's are, and their parameters in moto."""
    for name, value in _SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", client.meta.endpoint_url)
    with mock_aws(), ExitStack() as tables:
        for name in ("telemetry", "creators", "data", "tunnels"):
            more = _STREAM if streamed and name == "telemetry" else {}
            tables.enter_context(table_named(client, name, **more))
        tables.enter_context(table_named(client, "rates", "PK"))
        ssm = boto3.client("ssm", region_name="us-east-1")
        for name, value in _PARAMETERS.items():
            kind = "String" if name == PUBLISHED else "SecureString"
            ssm.put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)
        client.put_item(TableName="creators", Item=packed(project_item(PROJECT)))
        yield Stage(client)


def _backend() -> Any:
    [backend] = [regions["us-east-1"] for regions in dynamodb_backends.values()]
    return backend


class Faults:
    """Faults of a client's calls, drawn by a seed."""

    def __init__(
        self, client: Any, chance: random.Random, *, throttled: float, cut: float, crash: float
    ) -> None:
        self._chance = chance
        self._throttled = throttled
        self._cut = cut
        self._crash = crash
        self._dropped: Item = {}
        self.met: dict[str, int] = {"throttled": 0, "cut": 0, "crashed": 0}
        events = client.meta.events
        self._hooks: dict[str, Callable[..., Any]] = {
            "before-send.dynamodb": self._before_send,
            "provide-client-params.dynamodb.BatchWriteItem": self._drop_some,
            "after-call.dynamodb.BatchWriteItem": self._tell_of_dropped,
            "after-call.dynamodb": self._after_call,
        }
        for event, hook in self._hooks.items():
            events.register_first(event, hook)
        self._events = events

    def end(self) -> None:
        for event, hook in self._hooks.items():
            self._events.unregister(event, hook)

    def _happens(self, name: str, likely: float) -> bool:
        if self._chance.random() >= likely:
            return False
        self.met[name] += 1
        return True

    def _before_send(self, request: Any, **_: Any) -> AWSResponse | None:
        if self._happens("crashed", self._crash):
            raise Crashed
        if not self._happens("throttled", self._throttled):
            return None
        return AWSResponse(request.url, 400, HTTPHeaders(), _Raw(_THROTTLED))

    def _after_call(self, **_: Any) -> None:
        """It is written, and nobody is left to tell so."""
        if self._happens("crashed", self._crash):
            raise Crashed

    def _drop_some(self, params: Item, **_: Any) -> Item | None:
        self._dropped = {}
        [(table, requests)] = params["RequestItems"].items()
        if len(requests) < 2 or not self._happens("cut", self._cut):
            return None
        dropped = self._chance.sample(requests, self._chance.randint(1, len(requests) - 1))
        self._dropped = {table: dropped}
        kept = [request for request in requests if request not in dropped]
        return {**params, "RequestItems": {table: kept}}

    def _tell_of_dropped(self, parsed: Item, **_: Any) -> None:
        parsed["UnprocessedItems"] = self._dropped


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body
