"""A WebSocket client (RFC 6455) for text messages, on a blocking socket."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
import struct
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

MOST_MESSAGE_BYTES = 256 * 1024
MOST_HEADER_BYTES = 16 * 1024
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _BINARY, _CLOSE, _PING, _PONG, _MORE = 1, 2, 8, 9, 10, 0
_CONTROL = 8
"""Opcodes from here on are control frames."""
_TIMEOUTS = (socket.timeout, TimeoutError)  # they differ before Python 3.10


class Closed(Exception):
    """The connection is at its end."""


class Refused(Exception):
    """The server answered the handshake with another status than 101."""

    def __init__(self, status: int) -> None:
        super().__init__("the server answers %d" % status)
        self.status = status


class WebSocket:
    """Sends a ping when nothing came for a while, and is closed when nothing comes after it."""

    def __init__(self, sock: socket.socket, *, ping_after: float, give_up_after: float) -> None:
        self._sock = sock
        self._ping_after, self._give_up_after = ping_after, give_up_after
        self._heard = time.monotonic()
        self._pinged = self._heard
        self._buffer = b""
        self._message = b""

    @classmethod
    def connect(
        cls,
        url: str,
        headers: Mapping[str, str],
        *,
        timeout: float = 10,
        ping_after: float = 30,
        give_up_after: float = 50,
    ) -> WebSocket:
        sock = _connected(url, timeout)
        try:
            rest = _handshake(sock, url, headers)
        except BaseException:
            sock.close()
            raise
        made = cls(sock, ping_after=ping_after, give_up_after=give_up_after)
        made._buffer = rest
        return made

    def send(self, text: str) -> None:
        self._send_frame(_TEXT, text.encode())

    def receive(self, timeout: float) -> str | None:
        """The next message; None where none came in this time."""
        until = time.monotonic() + timeout
        while True:
            frame = self._frame()
            if frame is not None:
                text = self._taken(*frame)
                if text is not None:
                    return text
                continue
            left = until - time.monotonic()
            if left <= 0:
                return None
            self._keep_alive()
            self._read(min(left, 1.0))

    def close(self) -> None:
        try:
            self._send_frame(_CLOSE, struct.pack(">H", 1000))
        except Closed:
            pass
        finally:
            self._sock.close()

    def _taken(self, final: bool, opcode: int, payload: bytes) -> str | None:  # noqa: FBT001
        """The message that ends with this frame, if one does."""
        if opcode == _CLOSE:
            code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
            self.close()
            raise Closed("the server closed the connection with code %d" % code)
        if opcode == _PING:
            self._send_frame(_PONG, payload)
        if opcode >= _CONTROL:
            return None
        self._message += payload
        if len(self._message) > MOST_MESSAGE_BYTES:
            raise Closed("a message is longer than %d bytes" % MOST_MESSAGE_BYTES)
        if not final:
            return None
        message, self._message = self._message, b""
        try:
            return message.decode()
        except UnicodeDecodeError:
            raise Closed("a message is not text") from None

    def _frame(self) -> tuple[bool, int, bytes] | None:
        """Takes the next whole frame out of what was read."""
        data = self._buffer
        if len(data) < 2:
            return None
        first, second = data[0], data[1]
        if first & 0x70 or second & 0x80:
            raise Closed("the server sent a frame that a client cannot take")
        size, start = second & 0x7F, 2
        if size == 126:
            if len(data) < 4:
                return None
            size, start = struct.unpack(">H", data[2:4])[0], 4
        elif size == 127:
            if len(data) < 10:
                return None
            size, start = struct.unpack(">Q", data[2:10])[0], 10
        if size > MOST_MESSAGE_BYTES:
            raise Closed("a frame is longer than %d bytes" % MOST_MESSAGE_BYTES)
        if len(data) < start + size:
            return None
        self._buffer = data[start + size :]
        return bool(first & 0x80), first & 0x0F, data[start : start + size]

    def _read(self, timeout: float) -> None:
        self._sock.settimeout(max(timeout, 0.01))
        try:
            data = self._sock.recv(65536)
        except _TIMEOUTS:
            return
        except OSError as error:
            raise Closed(f"the connection broke: {error}") from None
        if not data:
            raise Closed("the server went away")
        self._heard = time.monotonic()
        self._buffer += data

    def _keep_alive(self) -> None:
        now = time.monotonic()
        if now - self._heard > self._give_up_after:
            raise Closed("nothing heard for %d s" % self._give_up_after)
        if now - max(self._heard, self._pinged) > self._ping_after:
            self._pinged = now
            self._send_frame(_PING, b"")

    def _send_frame(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            head = struct.pack(">BB", 0x80 | opcode, 0x80 | size)
        elif size < 65536:
            head = struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, size)
        else:
            head = struct.pack(">BBQ", 0x80 | opcode, 0x80 | 127, size)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index & 3] for index, byte in enumerate(payload))
        try:
            self._sock.settimeout(10)
            self._sock.sendall(head + mask + masked)
        except OSError as error:
            raise Closed(f"the connection broke: {error}") from None


def resolved(host: str) -> str:
    """Names below localhost are this machine (RFC 6761), though resolvers may not know them."""
    return "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host


def _connected(url: str, timeout: float) -> socket.socket:
    address = urlsplit(url)
    host = address.hostname or ""
    secure = address.scheme == "wss"
    sock = socket.create_connection(
        (resolved(host), address.port or (443 if secure else 80)), timeout
    )
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not secure:
        return sock
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


def _handshake(sock: socket.socket, url: str, headers: Mapping[str, str]) -> bytes:
    """Returns what came after the server's headers."""
    address = urlsplit(url)
    key = base64.b64encode(os.urandom(16))
    path = (address.path or "/") + ("?" + address.query if address.query else "")
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {address.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key.decode()}",
        *("{}: {}".format(*each) for each in headers.items()),
    ]
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(4096)
        if not more or len(data) > MOST_HEADER_BYTES:
            raise Closed("the server did not finish its answer to the handshake")
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    status, *fields = head.split(b"\r\n")
    parts = status.split(b" ")
    if len(parts) < 2 or not parts[1].isdigit():
        raise Closed("the server does not speak HTTP")
    if parts[1] != b"101":
        raise Refused(int(parts[1]))
    given = dict(_field(each) for each in fields)
    wanted = base64.b64encode(hashlib.sha1(key + _GUID).digest())  # noqa: S324  # RFC 6455
    if given.get(b"sec-websocket-accept") != wanted:
        raise Closed("the server's answer to the handshake is not ours")
    return rest


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip().lower(), value.strip()
