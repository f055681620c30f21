"""A game at a browser that reports what happens in it, through the edge."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3

from tests.e2e.player import Reply


@dataclass
class Visitor:
    site: str
    project: str
    player_key: str | None = None
    session: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    _pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        sent = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        answer = self._pool.request(
            method,
            f"{self.site}/api/{path}",
            body=sent,
            headers={**self.headers, **(headers or {})},
        )
        return Reply(answer.status, answer.headers, json.loads(answer.data))

    def start(self) -> Reply:
        content = {"projectId": self.project}
        if self.player_key is not None:
            content["playerKey"] = self.player_key
        reply = self.ask("POST", "telemetry/session", content)
        if reply.status == 200:
            self.session = {name: reply.body[name] for name in ("sessionId", "token")}
        return reply

    def say(self, path: str, **content: Any) -> Reply:
        return self.ask("POST", f"telemetry/{path}", {**self.session, **content})

    def data(self, method: str, path: str, body: Any = None) -> Reply:
        bearer = {"Authorization": f"Bearer {self.session['token']}"}
        return self.ask(method, f"data/{path}", body, bearer)


def eventually(found: Callable[[], Any], seconds: float = 20) -> Any:
    """Waits for work that continues after an answer; returns the first result that is not empty."""
    until = time.monotonic() + seconds
    while not (value := found()) and time.monotonic() < until:
        time.sleep(0.1)
    return value
