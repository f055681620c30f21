"""Players' own functions as Lambda loads them, with their services on loopback."""

import importlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

from lambdas.players.table import PlayerTable
from lambdas.scores.games import Games
from local.dynamodb.tables import table_named
from tests.lambdas.players.twins import APP, CLIENT, REDIRECT, X_SECRET, Twins

LOCK: Final = "locked"
PLAYER_SECRET: Final = "canary-player-secret"
HASH_KEY: Final = "canary-hash-key"
SIGNING_SECRET: Final = "canary-signing-secret"
ANNS_KEY: Final = "canary-anns-player-key"
BOBS_KEY: Final = "canary-bobs-player-key"
_STREAM: Final = {
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
}


class Context:
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> tuple[int, str]:
        return self.status, self.body["error"]["code"]


@dataclass
class Stage:
    client: Any
    twins: Twins
    modules: dict[str, Any] = field(default_factory=dict)
    gathered: list[str] = field(default_factory=list)
    """Accounts whose rows were to come together."""

    @property
    def table(self) -> PlayerTable:
        return PlayerTable(self.client, "players")

    def module(self, name: str) -> Any:
        if name not in self.modules:
            module = importlib.import_module(f"lambdas.players.{name}")
            self.modules[name] = importlib.reload(module)
            if name == "me":
                self.modules[name].invoke = self.persons
            if name == "sign_in":
                self.modules[name].functions = lambda: self
        return self.modules[name]

    def persons(self, event: dict[str, Any]) -> Any:
        """The function that knows every capability, called as Lambda calls it."""
        answer = self.module("erase").handler(event, Context())
        return json.loads(json.dumps(answer))

    def invoke(self, *, Payload: bytes, **_: Any) -> None:  # noqa: N803
        self.gathered.append(json.loads(Payload)["gather"])

    def call(
        self,
        function: str,
        route: str,
        body: Any = None,
        *,
        token: str | None = None,
        path: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> Reply:
        headers = {"x-origin-verify": LOCK}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        method, address = route.split(" ")
        event: dict[str, Any] = {
            "routeKey": f"{method} /api{address}",
            "headers": headers,
            "requestContext": {"http": {"sourceIp": "130.176.0.1"}},
            "pathParameters": path or {},
        }
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        if query is not None:
            event["queryStringParameters"] = query
        response = self.module(function).handler(event, Context())
        return Reply(response["statusCode"], json.loads(response["body"]), response["headers"])

    def sign_in(self, **body: Any) -> Reply:
        body = body or {"provider": "key", "playerKey": ANNS_KEY}
        return self.call("sign_in", "POST /players/sign-in", body)

    def me(self, route: str, token: str | None, body: Any = None, **more: Any) -> Reply:
        return self.call("me", route, body, token=token, **more)

    def session(self, token: str | None = None, character: str = "miko") -> str:
        reply = self.call("chat", "POST /chat/session", {"characterType": character}, token=token)
        assert reply.status == 200, reply.body
        return str(reply.body["sessionId"])

    def say(self, session: str, text: str, token: str | None = None, **more: Any) -> Reply:
        body = {"sessionId": session, "message": text, "locale": "en"} | more
        return self.call("chat", "POST /chat", body, token=token)

    def items(self) -> list[dict[str, Any]]:
        return self.items_of("players")

    def items_of(self, table: str) -> list[dict[str, Any]]:
        return [item.to_json()["Attributes"] for item in _backend().tables[table].all_items()]

    def stream(self) -> list[dict[str, Any]]:
        shard = _backend().tables["players"].stream_shard
        return [record.to_json() for record in shard.items]

    def rank(self, begin: int = 0) -> None:
        """Hands the stream's records on to the ranking's function."""
        records = self.stream()[begin:]
        for start in range(0, len(records), 10):
            self.module("rank").handler({"Records": records[start : start + 10]}, Context())


def now_s() -> int:
    return int(time.time())


@contextmanager
def staged(
    client: Any, twins: Twins, monkeypatch: pytest.MonkeyPatch, **settings: str
) -> Iterator[Stage]:
    variables = {
        "PLAYER_TABLE": "players",
        "ORIGIN_LOCK_PARAMETER": "/lock",
        "TOKEN_KEYS_PARAMETER": "/keys",
        "PLAYER_SECRET_PARAMETER": "/player",
        "API_BASE_PATH": "/api",
        "LEVELS": "0,20,60",
        "PROVIDERS": json.dumps(providers(twins)),
        "BOARDS_ADDRESS": twins.url,
        "PERSONS_FUNCTION": "persons",
        "SCORE_TABLE": "scores",
        "TELEMETRY_TABLE": "telemetry",
        "DATA_TABLE": "data",
        "HASH_KEY_PARAMETER": "/hash",
        "TRIM_TOP_FUNCTION": "trim",
        "REFRESH_RANKING_FUNCTION": "refresh",
        "REWARDS": '{"1": 100, "3": 30}',
        "MODEL_ID": "model",
        "GUARDRAIL": "",
        "MESSAGES_A_DAY": "100",
        "MODEL_CALLS_A_DAY": "1000",
        "MOST_TOKENS": "300",
        "MESSAGE_DAYS": "0",
        "GUESTS": "1",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": twins.url,
    } | settings
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Games, "packaged", lambda: Games({}))
    with (
        mock_aws(),
        table_named(client, "players", **_STREAM),
        table_named(client, "scores"),
        table_named(client, "telemetry"),
        table_named(client, "data"),
    ):
        ssm = boto3.client("ssm", region_name="us-east-1")
        stored = {
            "/lock": LOCK,
            "/keys": f"t0000:{SIGNING_SECRET}",
            "/player": PLAYER_SECRET,
            "/x": X_SECRET,
            "/hash": HASH_KEY,
        }
        for name, value in stored.items():
            ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
        yield Stage(client, twins)


def providers(twins: Twins) -> dict[str, Any]:
    return {
        "key": {},
        "guest": {},
        "privy": {"appId": APP, "jwks": f"{twins.url}/jwks.json"},
        "x": {
            "clientId": CLIENT,
            "redirectUri": REDIRECT,
            "secretParameter": "/x",
            "api": twins.url,
        },
    }


def _backend() -> Any:
    [backend] = [regions["us-east-1"] for regions in dynamodb_backends.values()]
    return backend
