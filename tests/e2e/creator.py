"""A creator at the site, signed in; and a game that sends telemetry for one of its projects."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import urllib3

from local.issuer import Issuer, creator_id


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    text: str

    @property
    def code(self) -> tuple[int, str]:
        return self.status, self.body["error"]["code"]


@dataclass
class Creator:
    site: str
    issuer: Issuer
    email: str
    _pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(retries=False, timeout=30)
    )

    @property
    def id(self) -> str:
        return creator_id(self.email)

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Reply:
        """With its own token unless another is given; an empty one means none."""
        token = self.issuer.token(self.email) if token is None else token
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        answer = self._pool.request(
            method,
            f"{self.site}/api{path}",
            body=sent,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        text = answer.data.decode()
        return Reply(answer.status, json.loads(text), text)

    def good(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.ask(method, path, body)
        assert reply.status == 200, reply
        return reply.body

    def project(self, **settings: Any) -> str:
        return str(self.good("POST", "/projects", {"name": "Snake"} | settings)["id"])

    def wait_for(self, job_id: str) -> Any:
        return until(
            lambda: self.good("GET", f"/creator/job/{job_id}"),
            lambda job: job["status"] == "done",
        )


@dataclass
class Game:
    """At an address of its own, for requests are limited by address."""

    site: str
    project_id: str
    address: str

    def start(self, player_key: str | None = None) -> dict[str, str]:
        asked = {"projectId": self.project_id}
        if player_key is not None:
            asked["playerKey"] = player_key
        session = self.send("session", asked)
        return {"sessionId": session["sessionId"], "token": session["token"]}

    def send(self, path: str, body: Any) -> Any:
        return self._post(f"telemetry/{path}", body, {})

    def keep(self, collection: str, token: str, data: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return self._post(f"data/{collection}", {"data": data}, headers)

    def _post(self, path: str, body: Any, headers: dict[str, str]) -> Any:
        with urllib3.PoolManager(source_address=(self.address, 0), retries=False) as pool:
            answer = pool.request(
                "POST", f"{self.site}/api/{path}", body=json.dumps(body), headers=headers
            )
        assert answer.status == 200, answer.data
        return answer.json()


def until(ask: Callable[[], Any], good: Callable[[Any], bool], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not good(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)
    return answer
