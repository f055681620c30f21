"""The functions for tunnels on a table of their own, with the connections that they send to."""

import base64
import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from hosts.tunnels.build import installer, program
from lambdas.shared.http.origin_lock import hash_of
from lambdas.tunnels.posts import Posts
from local.dynamodb.tables import table_named

ANN, BEN = "11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"
LOCK: Final = "locked"
_SETTINGS: Final = {
    "TUNNEL_TABLE": "tunnels",
    "ORIGIN_LOCK_PARAMETER": "/lock",
    "TUNNELS_PATH": "/api/tunnels",
    "WEBSOCKET_URL": "wss://abc.example/v1",
    "CERTIFICATE_KEYS": "/htmlgame/tunnels/certificates",
    "CERTIFICATES_FUNCTION": "certificates",
    "ACME_DIRECTORY": "https://ca.example/dir",
    "ACME_CONTACT": "",
    "ACME_KEY_PARAMETER": "/htmlgame/tunnels/acme-account",
}

Json = dict[str, Any]


class Context:
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> tuple[int, str]:
        return self.status, self.body["error"]["code"]


@dataclass
class Connections:
    """Stands in for API Gateway's connections."""

    open: set[str] = field(default_factory=set)
    sent: dict[str, list[Json]] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        self._check(ConnectionId)
        self.sent.setdefault(ConnectionId, []).append(json.loads(Data))

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803
        self._check(ConnectionId)
        self.open.remove(ConnectionId)
        self.closed.append(ConnectionId)

    def _check(self, connection: str) -> None:
        if connection not in self.open:
            raise ClientError(
                {"Error": {"Code": "GoneException", "Message": ""}}, "PostToConnection"
            )

    def last(self, connection: str) -> Json:
        return self.sent[connection][-1]


class Stage:
    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        self._modules: dict[str, Any] = {}
        self._number = 0

    def module(self, name: str) -> Any:
        if name not in self._modules:
            self._modules[name] = importlib.reload(
                importlib.import_module(f"lambdas.tunnels.{name}")
            )
        return self._modules[name]

    @property
    def table(self) -> Any:
        return self.module("api").table

    def ask(self, route: str, body: Any = None, *, owner: str = ANN, id: str = "") -> Reply:
        """A creator's request."""
        return self._call("api", route, body, {"id": id}, {}, owner)

    def good(self, route: str, body: Any = None, *, owner: str = ANN, id: str = "") -> Any:
        reply = self.ask(route, body, owner=owner, id=id)
        assert reply.status == 200, reply
        return reply.body

    def host(self, route: str, path: dict[str, str] | None = None, **headers: str) -> Reply:
        return self._call("hosts", route, None, path or {}, headers, None)

    def _call(
        self,
        function: str,
        route: str,
        body: Any,
        path: dict[str, str],
        headers: dict[str, str],
        owner: str | None,
    ) -> Reply:
        event: Json = {
            "routeKey": route,
            "headers": {"x-origin-verify": LOCK, **headers},
            "requestContext": {"http": {"sourceIp": "130.176.0.1"}},
            "pathParameters": path,
            "body": None if body is None else json.dumps(body),
        }
        if owner is not None:
            claims = {"jwt": {"claims": {"sub": owner}}}
            event["requestContext"]["authorizer"] = claims
        response = self.module(function).handler(event, Context())
        content = response["body"]
        if response.get("isBase64Encoded"):
            return Reply(response["statusCode"], base64.b64decode(content), response["headers"])
        return Reply(response["statusCode"], json.loads(content), response["headers"])

    def authorize(self, key: str, *, in_query: bool = False) -> Json:
        event = {
            "methodArn": "arn:aws:execute-api:r:a:api/v1/$connect",
            "headers": {} if in_query else {"X-Api-Key": key},
            "queryStringParameters": {"apiKey": key} if in_query else None,
        }
        policy: Json = self.module("authorize").handler(event, Context())
        return policy

    def connect(self, key: str) -> tuple[str, int]:
        """The connection and the status of the answer."""
        context = self.authorize(key)["context"]
        self._number += 1
        connection = f"c{self._number}"
        self.connections.open.add(connection)
        return connection, self.event("CONNECT", connection, context)["statusCode"]

    def event(
        self,
        kind: str,
        connection: str,
        who: Json,
        body: str | None = None,
        address: str = "203.0.113.7",
    ) -> Any:
        event = {
            "requestContext": {
                "eventType": kind,
                "connectionId": connection,
                "authorizer": who,
                "identity": {"sourceIp": address},
            },
            "body": body,
        }
        return self.module("connections").handler(event, Context())

    def say(self, connection: str, key: str, message: Any) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        self.event("MESSAGE", connection, self.who(key), text)

    def who(self, key: str) -> Json:
        """As the authorizer said when the connection began, whatever has happened since."""
        if key not in self._known:
            self._known[key] = self.authorize(key)["context"]
        return self._known[key]

    _known: dict[str, Json] = {}  # noqa: RUF012

    def introduce(self, connection: str, key: str, number: int = 1, **more: Any) -> None:
        public = base64.b64encode(bytes([number]) * 32).decode()
        data = {"publicKey": public, "bootId": "0" * 8, **more}
        self.say(connection, key, {"type": "auth", "data": data})

    def push(self, owner: str = ANN) -> None:
        keys = {"PK": {"S": f"O#{owner}"}, "SK": {"S": "V"}}
        self.module("push").handler({"Records": [{"dynamodb": {"Keys": keys}}]}, Context())


@contextmanager
def staged(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Stage]:
    for name, value in _SETTINGS.items():
        monkeypatch.setenv(name, value)
    connections = Connections()
    with mock_aws():
        ssm = boto3.client("ssm", region_name="us-east-1")
        ssm.put_parameter(Name="/lock-sha256", Value=hash_of(LOCK), Type="String")
        client = boto3.client("dynamodb", region_name="us-east-1")
        with table_named(client, "tunnels"):
            monkeypatch.setattr(Posts, "below", classmethod(lambda cls, _: cls(connections)))
            stage = Stage(connections)
            stage._known = {}
            (folder / "htmlgame-tunnel.pyz").write_bytes(program())
            (folder / "install.sh").write_bytes(installer())
            monkeypatch.setattr(stage.module("hosts"), "_FILES", folder)
            yield stage
