"""Both APIs of Insights as Lambda loads them, on tables and a bucket of their own."""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from lambdas.insights.failure_table import FailureTable
from lambdas.insights.files import LogFiles
from lambdas.insights.folding import fold
from lambdas.insights.table import InsightsTable
from lambdas.shared.api_users.api_keys import NewKey, new_key
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.users import Key, User
from local.dynamodb.tables import table_named
from tests.lambdas.insights.logs import CATALOGUE, packed

LOCK: Final = "locked"
BUCKET: Final = "htmlgame-insights"
_SETTINGS: Final = {
    "INSIGHTS_BUCKET": BUCKET,
    "INSIGHTS_TABLE": "insights",
    "KEY_TABLE": "keys",
    "MINUTE_TABLE": "minutes",
    "FUNCTION_TABLE": "functions",
    "RUN_TABLE": "runs",
    "ROWS_PREFIX": "requests",
    "SANDBOX_FUNCTION": "sandbox",
    "ORIGIN_LOCK_PARAMETER": "/lock",
    "TOKEN_KEYS_PARAMETER": "",
    "INSIGHTS_PATH": "/api/insights",
    "FUNCTIONS_PATH": "/api/functions",
}
_MODULES: Final = {"insights": "lambdas.insights.api", "functions": "lambdas.runner.api"}


class Context:
    aws_request_id = "request-1"


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> tuple[int, str]:
        return self.status, "" if self.status == 200 else self.body["error"]["code"]


class Sandbox:
    """Runs what the API sends to the function that runs strangers' code."""

    def __init__(self) -> None:
        self.execute = importlib.import_module("lambdas.runner.execute")
        self.asked: list[dict[str, Any]] = []

    def invoke(self, *, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.asked.append(json.loads(Payload))
        answer = json.dumps(self.execute.handler(self.asked[-1], None))
        return {"Payload": BytesIO(answer.encode())}


class Stage:
    def __init__(self, client: Any) -> None:
        self.client = client
        self.table = InsightsTable(client, "insights")
        self.failures = FailureTable(client, "insights")
        self.keys = KeyTable(client, "keys")
        self.files = LogFiles(
            boto3.client("s3", region_name="us-east-1"),
            BUCKET,
            rows_prefix="requests",
            unreadable_prefix="_unreadable",
        )
        self._modules: dict[str, Any] = {}
        self._files = 0
        self._sandbox: Sandbox | None = None

    @property
    def sandbox(self) -> Sandbox:
        self._sandbox = self._sandbox or Sandbox()
        return self._sandbox

    def module(self, name: str) -> Any:
        if name not in self._modules:
            module = importlib.reload(importlib.import_module(_MODULES[name]))
            if name == "functions":
                module.sandbox._client = self.sandbox
            self._modules[name] = module
        return self._modules[name]

    def user(self, user_id: str, role: str, **more: Any) -> NewKey:
        """A new API user's key."""
        user = self.keys.create(User(id=user_id, role=role, **{"limit": 9999, **more}))
        key = new_key()
        self.keys.add_key(user, Key(key.prefix, key.hash, "2026-11-21T00:00:00.000Z"), 0)
        return key

    def ask(
        self,
        key: NewKey | None,
        route: str,
        body: Any = None,
        *,
        query: dict[str, str] | None = None,
        **path: str,
    ) -> Reply:
        """The route is one of the API's, with the names of its parameters in braces."""
        headers = {"x-origin-verify": LOCK}
        if key is not None:
            headers["authorization"] = f"Bearer {key.text}"
        event: dict[str, Any] = {
            "routeKey": route,
            "headers": headers,
            "requestContext": {"http": {"sourceIp": "130.176.0.1"}},
            "pathParameters": path,
            "body": None if body is None else json.dumps(body),
        }
        if query:
            event["queryStringParameters"] = query
        name = route.split("/")[2]
        response = self.module(name).handler(event, Context())
        return Reply(response["statusCode"], json.loads(response["body"]), response["headers"])

    def logged(self, *lines: dict[str, Any], now_ms: int) -> None:
        """Counts the lines, as if CloudFront had written a file of them."""
        self._files += 1
        key = f"logs/{self._files}.gz"
        self.files._client.put_object(Bucket=BUCKET, Key=key, Body=packed(lines))
        fold(
            key,
            self.files,
            self.table,
            catalogue=CATALOGUE,
            hashing=lambda caller, day: f"{day}{caller}"[:16],
            now_ms=now_ms,
        )


@contextmanager
def staged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for name, value in _SETTINGS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
        boto3.client("ssm", region_name="us-east-1").put_parameter(
            Name="/lock", Value=LOCK, Type="SecureString"
        )
        with (
            table_named(client, "insights"),
            table_named(client, "keys"),
            table_named(client, "minutes", "PK"),
            table_named(client, "functions"),
            table_named(client, "runs"),
        ):
            yield Stage(client)
