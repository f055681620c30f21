"""A player at a browser: start, end, submit, through the edge, as the protocol has it."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3

from tests.cf_functions.client import player_header, signature, user_id, utc_day


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> tuple[int, str]:
        return self.status, self.body["error"]["code"]


@dataclass
class Player:
    site: str
    game: str = "snake"
    name: str = "Ann"
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    cookie: str = ""
    token_start: str = ""
    token_end: str = ""
    sid: str = ""
    began: float = 0
    _pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    @property
    def id(self) -> str:
        return user_id(self.key)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        cookie = {"Cookie": f"game_sid={self.cookie}"} if self.cookie else {}
        answer = self._pool.request(
            method, f"{self.site}{path}", headers={**cookie, **(headers or {})}, body=body or None
        )
        told = answer.headers.get("Content-Type", "").startswith("application/json")
        said: Any = json.loads(answer.data) if told else answer.data.decode(errors="replace")
        return Reply(answer.status, answer.headers, said)

    def start(self) -> Reply:
        reply = self.ask("GET", f"/api/get-start?game={self.game}&user={self.id}")
        if reply.status == 200:
            self.began = time.monotonic()
            self.token_start, self.sid = reply.body["token_start"], reply.body["sid"]
            self.cookie = reply.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        return reply

    def end(self, play_ms: int = 1500) -> Reply:
        """Waits until the play has taken its time, because points are counted against it."""
        time.sleep(max(0, self.began + play_ms / 1000 - time.monotonic()))
        headers = {"X-Token-Start": self.token_start, "X-Play-Ms": str(play_ms)}
        reply = self.ask("GET", "/api/get-end", headers)
        if reply.status == 200:
            self.token_end = reply.body["token_end"]
        return reply

    def submission(self, score: int) -> dict[str, str]:
        player = player_header(self.name)
        day = utc_day(int(time.time() * 1000))
        return {
            "Origin": self.site,
            "Content-Type": "application/json",
            "X-Token-Start": self.token_start,
            "X-Token-End": self.token_end,
            "X-Score": str(score),
            "X-Player": player,
            "X-User-Key": self.key,
            "X-Sig": signature(self.token_end, player, str(score), day, self.sid),
        }

    def submit(
        self, score: int, period: str = "all", change: Mapping[str, str | None] | None = None
    ) -> Reply:
        headers: dict[str, str | None] = {**self.submission(score), **(change or {})}
        sent = {name: value for name, value in headers.items() if value is not None}
        return self.ask(
            "PUT", f"/api/scores/{self.game}/{period}/{self.id}", sent, b'{"meta":{"level":1}}'
        )

    def play(self, score: int, period: str = "all", play_ms: int = 1500) -> Reply:
        assert self.start().status == 200
        assert self.end(play_ms).status == 200
        return self.submit(score, period)

    def ranking(self, period: str = "all", query: str = "") -> Reply:
        return self.ask("GET", f"/api/ranking/{self.game}/{period}{query}")
