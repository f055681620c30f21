"""Reads the messages of hosts."""

import json
from dataclasses import dataclass
from typing import Any, Final

from lambdas.shared.http.errors import Malformed
from lambdas.tunnels import rules
from lambdas.tunnels.records import Version

MOST_MESSAGE_BYTES: Final = 8_192
_MOST_VERSION: Final = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """The first message: what the host has, and how it is reached."""

    public_key: str
    boot_id: str
    public_ip: str | None
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    version: Version
    received: int = 0
    """Bytes over WireGuard since the host's program began, and those sent."""
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Ack:
    version: Version
    problem: str
    """Empty where the config was applied."""


Message = Auth | Heartbeat | Ack


def message_in(text: str) -> Message:
    sent = _object(text)
    kind = sent.get("type")
    if kind == "auth":
        return _auth(sent.get("data"))
    if kind == "heartbeat":
        return Heartbeat(_version(sent), *_traffic(sent.get("traffic", {})))
    if kind == "config_ack":
        success = rules.flag("success", sent.get("success"))
        return Ack(_version(sent), "" if success else rules.error_text(sent.get("error")))
    raise Malformed("type", "not one of auth, heartbeat, config_ack")


def _object(text: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "surrogatepass")) > MOST_MESSAGE_BYTES:
        raise Malformed("message", f"longer than {MOST_MESSAGE_BYTES} bytes")
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("message", "not JSON") from None
    if not isinstance(sent, dict):
        raise Malformed("message", "not a JSON object")
    return sent


def _auth(data: Any) -> Auth:
    if not isinstance(data, dict):
        raise Malformed("data", "missing; send publicKey and bootId")
    given = data.get("publicIp")
    return Auth(
        public_key=rules.public_key(data.get("publicKey")),
        boot_id=rules.boot_id(data.get("bootId")),
        public_ip=None if given is None else rules.public_ip(given),
        metadata=rules.metadata(data.get("metadata")),
    )


def _traffic(given: Any) -> tuple[int, int]:
    if not isinstance(given, dict):
        raise Malformed("traffic", "not an object with received and sent")
    received, sent = (
        _whole(f"traffic.{each}", given.get(each, 0)) for each in ("received", "sent")
    )
    return received, sent


def _whole(field: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST_VERSION:
        raise Malformed(field, "not a whole number")
    return value


def _version(sent: dict[str, Any]) -> Version:
    number, epoch = _whole("version", sent.get("version")), sent.get("epoch", "")
    if not isinstance(epoch, str) or len(epoch) > 36:
        raise Malformed("epoch", "not the epoch of a config")
    return Version(epoch, number)
