"""A game's client and the edge's promises, written again in Python."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def mac(secret: str, text: str) -> bytes:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()


def base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def milliseconds(moment: str) -> int:
    """The exact milliseconds of an ISO 8601 time."""
    since = datetime.fromisoformat(moment) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(milliseconds=1)


def utc_day(clock: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=clock)).date().isoformat()


def user_id(user_key: str) -> str:
    return base64url(hashlib.sha256(user_key.encode()).digest())[:22]


def new_session(secret: str, request_id: str) -> str:
    return base64url(mac(secret, request_id)[:16])


def player_header(name: str) -> str:
    return quote(name, safe="!~*'()")


def signature(token_end: str, player: str, score: str, day: str, sid: str) -> str:
    return base64url(mac(token_end, f"{player}|{score}|{day}|{sid}"))


@dataclass(frozen=True)
class Key:
    kid: str
    secret: str

    @property
    def entry(self) -> str:
        return f"{self.kid}:{self.secret}"

    def sign(self, *fields: object) -> str:
        payload = ".".join(str(field) for field in fields)
        return f"{base64url(payload.encode())}.{base64url(mac(self.secret, payload))}"


@dataclass(frozen=True)
class Play:
    game: str
    user: str
    sid: str
    start: int

    def token_start(self, key: Key) -> str:
        return key.sign("1s", key.kid, self.game, self.user, self.sid, base36(self.start))

    def token_end(self, key: Key, end: int, play_ms: int, start_key: Key) -> str:
        start_mac = self.token_start(start_key).split(".")[1]
        return key.sign(
            "1e", key.kid, self.game, self.user, self.sid, base36(self.start),
            end, play_ms, start_key.kid, start_mac,
        )  # fmt: skip

    def id(self, end: int) -> str:
        return f"{self.sid}.{base36(self.start)}@{end}"
