"""Carries TCP connections and UDP datagrams from a listener to a target."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable
from typing import Callable, NamedTuple

from .errors import NotApplied

_CHUNK = 256 * 1024
_CONNECT_SECONDS = 5
_IDLE_SECONDS = 120
_MOST_PEERS = 4096
_MOST_CONNECTIONS = 4096
"""Of all listeners. Each has two sockets."""
_PROXY_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"

Resolve = Callable[[], Awaitable[str]]


class Forward(NamedTuple):
    """A listener and its target. The listener stays open while the target changes."""

    protocol: str
    listen: str
    port: int
    target: str
    target_port: int
    proxy_header: bool = False

    @property
    def key(self) -> tuple[str, str, int]:
        return self.protocol, self.listen, self.port


class Forwards:
    """All listeners of this host. Call it from the loop's own thread."""

    def __init__(self, allows: Callable[[str], bool] = lambda _: True) -> None:
        self._allows = allows
        self._running: dict[tuple[str, str, int], _Tcp | _Udp] = {}
        self._room = _Room(_MOST_CONNECTIONS)

    async def open(self, wanted: set[Forward]) -> set[Forward]:
        """Opens the listeners that are new, or none of them. Returns what it opened."""
        opened: set[Forward] = set()
        for forward in sorted(each for each in wanted if each.key not in self._running):
            made = (
                _Udp(forward, self._target)
                if forward.protocol == "udp"
                else _Tcp(forward, self._target, self._room)
            )
            try:
                await made.start()
            except OSError as error:
                self.close(opened)
                raise NotApplied(
                    "cannot listen on %s port %s:%d: %s"
                    % (forward.protocol, forward.listen, forward.port, error.strerror or error)
                ) from None
            self._running[forward.key] = made
            opened.add(forward)
        return opened

    def settle(self, wanted: set[Forward]) -> None:
        """New connections go to the wanted targets. Listeners that nobody wants close."""
        by_key = {each.key: each for each in wanted}
        for key in list(self._running):
            if key in by_key:
                self._running[key].forward = by_key[key]
            else:
                self._running.pop(key).close()

    def close(self, forwards: set[Forward]) -> None:
        for forward in forwards:
            if forward.key in self._running:
                self._running.pop(forward.key).close()

    async def _target(self, forward: Forward) -> tuple[str, int]:
        """The address of the target, resolved now, and only where this host allows it."""
        loop = asyncio.get_running_loop()
        kind = socket.SOCK_DGRAM if forward.protocol == "udp" else socket.SOCK_STREAM
        found = await loop.getaddrinfo(forward.target, forward.target_port, type=kind)
        for *_, address in found:
            if self._allows(str(address[0])):
                return str(address[0]), forward.target_port
        raise PermissionError(f"{forward.target} is outside the networks that this host allows")


Target = Callable[[Forward], Awaitable["tuple[str, int]"]]


class _Room:
    """How many more connections there may be. All counting is on the loop's thread."""

    def __init__(self, left: int) -> None:
        self.left = left


class _Tcp:
    def __init__(self, forward: Forward, target: Target, room: _Room) -> None:
        self.forward, self._target, self._room = forward, target, room
        self._server: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._serve, self.forward.listen, self.forward.port, reuse_address=True
        )

    def close(self) -> None:
        """Connections that are open go on until one side ends them."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._room.left:
            writer.close()
            return
        self._room.left -= 1
        try:
            await self._carry(reader, writer)
        finally:
            self._room.left += 1

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            host, port = await self._target(self.forward)
            to_reader, to_writer = await asyncio.wait_for(
                asyncio.open_connection(host, port), _CONNECT_SECONDS
            )
        except (TimeoutError, OSError):
            writer.close()
            return
        for each in (writer, to_writer):
            # A side that has lost its network is noticed by its silence.
            each.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if self.forward.proxy_header:
            to_writer.write(
                proxy_header(writer.get_extra_info("peername"), writer.get_extra_info("sockname"))
            )
        await asyncio.gather(_pump(reader, to_writer), _pump(to_reader, writer))
        for each in (writer, to_writer):
            each.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            data = await reader.read(_CHUNK)
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except (OSError, asyncio.CancelledError):
        writer.close()
        return
    with contextlib.suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()


def proxy_header(client: tuple[str, int], server: tuple[str, int]) -> bytes:
    """PROXY protocol version 2: a TCP connection over IPv4 or IPv6."""
    family = socket.AF_INET6 if ":" in client[0] else socket.AF_INET
    addresses = socket.inet_pton(family, client[0].partition("%")[0]) + socket.inet_pton(
        family, server[0].partition("%")[0]
    )
    body = addresses + struct.pack(">HH", client[1], server[1])
    kind = 0x21 if family == socket.AF_INET6 else 0x11
    return _PROXY_SIGNATURE + struct.pack(">BBH", 0x21, kind, len(body)) + body


class _Udp(asyncio.DatagramProtocol):
    """One socket to the target for each sender, so that answers find their way back."""

    def __init__(self, forward: Forward, target: Target) -> None:
        self.forward, self._target = forward, target
        self._transport: asyncio.DatagramTransport | None = None
        self._peers: dict[tuple[str, int], _UdpPeer] = {}

    async def start(self) -> None:
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(self.forward.listen, self.forward.port)
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        peer = self._peers.get(addr)
        if peer is None:
            if len(self._peers) >= _MOST_PEERS:
                return
            peer = self._peers[addr] = _UdpPeer(self, addr)
            peer.opening = asyncio.ensure_future(self._open(peer))
        peer.send(data)

    async def _open(self, peer: _UdpPeer) -> None:
        try:
            target = await self._target(self.forward)
            await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: peer, remote_addr=target
            )
        except OSError:
            self.forget(peer)

    def answer(self, peer: _UdpPeer, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, peer.address)

    def forget(self, peer: _UdpPeer) -> None:
        if self._peers.get(peer.address) is peer:
            del self._peers[peer.address]
        peer.close()

    def close(self) -> None:
        for peer in list(self._peers.values()):
            self.forget(peer)
        if self._transport is not None:
            self._transport.close()


class _UdpPeer(asyncio.DatagramProtocol):
    _MOST_WAITING = 32

    def __init__(self, relay: _Udp, address: tuple[str, int]) -> None:
        self._relay, self.address = relay, address
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: list[bytes] = []
        self.opening: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._active = self._loop.time()
        self._timer = self._loop.call_later(_IDLE_SECONDS, self._expire)

    def send(self, data: bytes) -> None:
        self._active = self._loop.time()
        if self._transport is not None:
            self._transport.sendto(data)
        elif len(self._waiting) < self._MOST_WAITING:
            self._waiting.append(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        for data in self._waiting:
            self._transport.sendto(data)  # type: ignore[union-attr]
        self._waiting.clear()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        self._active = self._loop.time()
        self._relay.answer(self, data)

    def _expire(self) -> None:
        left = self._active + _IDLE_SECONDS - self._loop.time()
        if left <= 0:
            self._relay.forget(self)
        else:
            self._timer = self._loop.call_later(left, self._expire)

    def close(self) -> None:
        self._timer.cancel()
        if self._transport is not None:
            self._transport.close()
