"""A player at a site, who follows the protocol: start, end, submit."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import urllib3

from config.paths import API_BASE_PATH

_TIMEOUT: Final = urllib3.Timeout(connect=5, read=15)


class Unreachable(Exception):
    def __init__(self, site: str, why: object) -> None:
        super().__init__(f"{site} does not answer: {why}")


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any
    """The parsed JSON, or the text if it is not JSON."""

    @property
    def code(self) -> str:
        """The code of a refusal; empty if it is no refusal of htmlgame."""
        try:
            return str(self.body["error"]["code"])
        except (KeyError, TypeError):
            return ""

    def __str__(self) -> str:
        said = json.dumps(self.body) if isinstance(self.body, dict | list) else str(self.body)
        return f"{self.status} {' '.join(said.split())[:200]}"


class Player:
    def __init__(self, site: str, game_id: str, name: str) -> None:
        self._site = site
        self._game_id = game_id
        self._name = quote(name, safe="")
        self._key = secrets.token_urlsafe(24)
        self.id = _base64url(hashlib.sha256(self._key.encode()).digest())[:22]
        self._cookie = self._token_start = self._token_end = self._sid = ""
        self._pool = urllib3.PoolManager(retries=False, timeout=_TIMEOUT)

    def start(self) -> Reply:
        reply = self._ask("GET", f"/get-start?game={self._game_id}&user={self.id}")
        if reply.status == 200:
            self._token_start, self._sid = reply.body["token_start"], reply.body["sid"]
            self._cookie = reply.headers.get("Set-Cookie", "").partition(";")[0]
        return reply

    def end(self, play_ms: int) -> Reply:
        headers = {"X-Token-Start": self._token_start, "X-Play-Ms": str(play_ms)}
        reply = self._ask("GET", "/get-end", headers)
        if reply.status == 200:
            self._token_end = reply.body["token_end"]
        return reply

    def submit(self, score: int, period: str, *, signed_for: int | None = None) -> Reply:
        """A submission signed for another score than it sends is a forgery."""
        signed = score if signed_for is None else signed_for
        headers = {
            "Origin": self._site,
            "Content-Type": "application/json",
            "X-Token-Start": self._token_start,
            "X-Token-End": self._token_end,
            "X-Score": str(score),
            "X-Player": self._name,
            "X-User-Key": self._key,
            "X-Sig": self._signature(signed),
        }
        return self._ask("PUT", f"/scores/{self._game_id}/{period}/{self.id}", headers, b"{}")

    def ranking(self, period: str) -> Reply:
        return self._ask("GET", f"/ranking/{self._game_id}/{period}")

    def _signature(self, score: int) -> str:
        day = time.strftime("%Y-%m-%d", time.gmtime())
        text = f"{self._name}|{score}|{day}|{self._sid}"
        return _base64url(hmac.digest(self._token_end.encode(), text.encode(), "sha256"))

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        cookie = {"Cookie": self._cookie} if self._cookie else {}
        url = f"{self._site}{API_BASE_PATH}{path}"
        return self._send(method, url, {**cookie, **(headers or {})}, body)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        try:
            answer = self._pool.request(
                method, url, headers=headers, body=body or None, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(self._site, error) from error
        return Reply(answer.status, answer.headers, _content(answer.data))


def _content(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
