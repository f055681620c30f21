"""API Gateway's limits on WebSocket connections, which the emulator does not know.

Source: docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-execution-service-websocket-limits-table.html
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from local.strict.settings import Strictness

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MOST_FRAME_BYTES: Final = 32 * 1024
MOST_MESSAGE_BYTES: Final = 128 * 1024
_GOING_AWAY: Final = 1001
SOURCE: Final = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
    "apigateway-execution-service-websocket-limits-table.html"
)
LISTED: Final = (
    "a WebSocket frame over 32 KB, or a message over 128 KB: closed with 1009",
    "a WebSocket connection that is idle for 10 minutes, or 2 hours old: closed with 1001",
)
"""Listed in docs/reference/local.md with the rules."""


def limit_sizes() -> None:
    """Makes the server close connections with 1009 as API Gateway does."""
    from hypercorn.protocol import ws_stream

    class Buffer(ws_stream.WebsocketBuffer):  # type: ignore[misc]
        frame = 0
        message = 0

        def extend(self, event: Any) -> None:
            size = len(event.data.encode() if isinstance(event.data, str) else event.data)
            self.frame += size
            self.message += size
            if self.frame > MOST_FRAME_BYTES or self.message > MOST_MESSAGE_BYTES:
                raise ws_stream.FrameTooLargeError
            if event.frame_finished:
                self.frame = 0
            super().extend(event)

        def clear(self) -> None:
            self.frame = self.message = 0
            super().clear()

    ws_stream.WebsocketBuffer = Buffer


def with_timeouts(app: App, strictness: Strictness) -> App:
    async def limited(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await app(scope, receive, send)
            return
        connection = _Connection(receive, send, strictness)
        await app(scope, connection.receive, connection.send)

    return limited


class _Connection:
    def __init__(self, receive: Receive, send: Send, strictness: Strictness) -> None:
        self._receive = receive
        self._send = send
        self._idle_seconds = strictness.websocket_idle_seconds
        self._clock = asyncio.get_running_loop().time
        self._active = self._clock()
        self._end = self._active + strictness.websocket_life_seconds
        self._pending: asyncio.Future[Message] | None = None

    async def receive(self) -> Message:
        pending = self._pending or asyncio.ensure_future(self._receive())
        # Kept if this call is cancelled, because it may already hold a message.
        self._pending = pending
        while not pending.done():
            left = min(self._active + self._idle_seconds, self._end) - self._clock()
            if left <= 0:
                pending.cancel()
                self._pending = None
                await self._send({"type": "websocket.close", "code": _GOING_AWAY})
                return {"type": "websocket.disconnect", "code": _GOING_AWAY}
            await asyncio.wait({pending}, timeout=left)
        self._pending = None
        self._active = self._clock()
        return pending.result()

    async def send(self, message: Message) -> None:
        self._active = self._clock()
        await self._send(message)
