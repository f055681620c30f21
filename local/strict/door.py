"""The emulator's front door: refuses pages of other sites, and requires a key for controls."""

import hmac
import json
from collections.abc import MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

from local.access.pages import foreign_host, foreign_page, is_loopback_host
from local.strict.rules import transactions
from local.strict.sockets import App, Message, Receive, Send

SITE_HEADER: Final = "x-htmlgame-site"
"""Holds the door's key on requests that the local edge forwards for a viewer."""
CONTROL_HEADER: Final = "x-htmlgame-control"
"""Holds the door's key on requests to the emulator's and the rules' controls."""
CONFLICTS: Final = "/_htmlgame/conflicts"
_CONTROLS: Final = ("/_ministack/", "/_localstack/", "/_htmlgame/")
_OPEN: Final = (
    "/_ministack/health",
    "/_ministack/ready",
    # CloudFormation hands these addresses out; each holds a token of its own.
    "/_ministack/cfn-response/",
    "/_ministack/cfn-signal/",
)
_MOST_CONTROL_BYTES: Final = 4096


class Door:
    def __init__(self, app: App, port: int, key: str) -> None:
        self._app = app
        self._port = port
        self._key = key.encode()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = [
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in scope["headers"]
        ]
        refusal = self._refusal(str(scope["path"]), headers)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
        elif scope["path"] == CONFLICTS:
            await _demand_conflicts(receive, send)
        else:
            keyless = (SITE_HEADER.encode(), CONTROL_HEADER.encode())
            kept = [pair for pair in scope["headers"] if pair[0].lower() not in keyless]
            await self._app({**scope, "headers": kept}, receive, send)

    def _refusal(self, path: str, headers: list[tuple[str, str]]) -> tuple[int, str] | None:
        problem = foreign_host(headers)
        if problem is not None:
            return 421, f"{problem}: call the local cloud by an address of this machine"
        page = None if self._has_key(headers, SITE_HEADER) else foreign_page(headers, self._is_own)
        if page is not None:
            return 403, f"pages must not call the local cloud ({page})"
        is_control = path.startswith(_CONTROLS) and not path.startswith(_OPEN)
        if is_control and not self._has_key(headers, CONTROL_HEADER):
            return 403, f"{path} needs the key in this cloud's door.key, as {CONTROL_HEADER}"
        return None

    def _has_key(self, headers: list[tuple[str, str]], name: str) -> bool:
        given = next((value for header, value in headers if header == name), "")
        return hmac.compare_digest(given.encode(), self._key)

    def _is_own(self, origin: str) -> bool:
        address = urlsplit(origin)
        try:
            own = address.port == self._port
        except ValueError:
            return False
        return own and address.scheme == "http" and is_loopback_host(address.netloc)


async def _refuse(
    scope: MutableMapping[str, Any], receive: Receive, send: Send, status: int, why: str
) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await _answer(send, status, {"error": {"code": "refused", "message": why}})


async def _demand_conflicts(receive: Receive, send: Send) -> None:
    try:
        asked = json.loads(await _body(receive))
        table, times = str(asked["table"]), int(asked["times"])
    except (ValueError, KeyError, TypeError):
        problem = 'the body: {"table": a table\'s name, "times": how many of its next writes}'
        await _answer(send, 400, {"error": {"code": "bad_request", "message": problem}})
        return
    transactions.conflict(table, times)
    await _answer(send, 200, {"table": table, "times": times})


async def _body(receive: Receive) -> bytes:
    body = b""
    while len(body) <= _MOST_CONTROL_BYTES:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body
    raise ValueError("too long")


async def _answer(send: Send, status: int, content: dict[str, Any]) -> None:
    body = json.dumps(content).encode()
    start: Message = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})
