"""Listeners carry bytes and datagrams to their targets, and change without a gap."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from hosts.tunnels.program.errors import NotApplied
from hosts.tunnels.program.forwards import Forward, Forwards, proxy_header

HERE = "127.0.0.1"


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind((HERE, 0))
        return int(sock.getsockname()[1])


@contextlib.asynccontextmanager
async def target(greeting: bytes) -> AsyncIterator[int]:
    """Answers with its greeting and what it got, once the client has ended its half."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting + await reader.read())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HERE, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def asked(port: int, message: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(HERE, port)
    writer.write(message)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        await work()
        await asyncio.sleep(0.05)

    asyncio.run(all_of_it())


def test_a_connection_keeps_what_each_side_sends_after_the_other_has_ended() -> None:
    async def work() -> None:
        async with target(b"a:") as to:
            forwards, port = Forwards(), free_port()
            wanted = {Forward("tcp", HERE, port, HERE, to)}
            await forwards.open(wanted)
            message = b"x" * 3_000_000
            assert await asked(port, message) == b"a:" + message
            forwards.settle(set())

    run(work)


def test_a_target_changes_while_old_connections_go_on() -> None:
    async def work() -> None:
        async with target(b"a:") as first, target(b"b:") as second:
            forwards, port = Forwards(), free_port()
            before = {Forward("tcp", HERE, port, HERE, first)}
            after = {Forward("tcp", HERE, port, HERE, second)}
            await forwards.open(before)
            forwards.settle(before)
            reader, writer = await asyncio.open_connection(HERE, port)
            writer.write(b"1")
            await asyncio.sleep(0.1)
            assert await forwards.open(after) == set()
            forwards.settle(after)
            assert await asked(port, b"2") == b"b:2"
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(), 5) == b"a:1"
            writer.close()
            forwards.settle(set())

    run(work)


def test_if_one_listener_cannot_open_none_of_the_new_ones_stays() -> None:
    async def work() -> None:
        async with target(b"a:") as to:
            forwards, good = Forwards(), free_port()
            with socket.create_server((HERE, 0)) as taken:
                ports = sorted((good, taken.getsockname()[1]))
                wanted = {Forward("tcp", HERE, port, HERE, to) for port in ports}
                with pytest.raises(NotApplied, match=f"cannot listen on tcp port {HERE}"):
                    await forwards.open(wanted)
            with pytest.raises(ConnectionRefusedError):
                await asked(good, b"x")

    run(work)


def test_a_target_that_this_host_does_not_allow_is_never_reached() -> None:
    async def work() -> None:
        async with target(b"a:") as to:
            forwards, port = Forwards(lambda address: address != HERE), free_port()
            await forwards.open({Forward("tcp", HERE, port, "localhost", to)})
            reached = await asked(port, b"x")
            assert not reached.startswith(b"a:")
            forwards.settle(set())

    run(work)


def test_datagrams_of_several_senders_are_answered_each_to_its_own() -> None:
    class Target(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            self.transport.sendto(b"home:" + data, addr)  # type: ignore[attr-defined]

    async def work() -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Target, local_addr=(HERE, 0))
        to, port = transport.get_extra_info("sockname")[1], free_port(socket.SOCK_DGRAM)
        forwards = Forwards()
        await forwards.open({Forward("udp", HERE, port, HERE, to)})
        senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(5)]
        for number, sender in enumerate(senders):
            sender.settimeout(0)
            sender.connect((HERE, port))
            for each in (b"a", b"b"):
                await loop.sock_sendall(sender, each + str(number).encode())
        for number, sender in enumerate(senders):
            got = {await asyncio.wait_for(loop.sock_recv(sender, 99), 5) for _ in range(2)}
            assert got == {f"home:{each}{number}".encode() for each in "ab"}
            sender.close()
        forwards.settle(set())
        transport.close()

    run(work)


def test_the_target_learns_the_visitors_address_where_it_wants_to() -> None:
    async def work() -> None:
        async with target(b"") as to:
            forwards, port = Forwards(), free_port()
            await forwards.open({Forward("tcp", HERE, port, HERE, to, proxy_header=True)})
            answer = await asked(port, b"hello")
            assert answer[:12] == b"\r\n\r\n\x00\r\nQUIT\n"
            assert answer[12:14] == b"\x21\x11"
            assert answer[16:20] == socket.inet_aton(HERE)
            assert struct.unpack(">H", answer[26:28]) == (port,)
            assert answer[28:] == b"hello"
            forwards.settle(set())

    run(work)


def test_the_header_of_a_version_six_visitor_has_its_whole_address() -> None:
    header = proxy_header(("2001:db8::1", 5), ("2001:db8::2", 6))
    assert header[12:16] == b"\x21\x21\x00\x24"
    assert header[16:32] == socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    assert len(header) == 16 + 36


def test_a_flood_of_connections_is_refused_and_leaves_room_again() -> None:
    async def work() -> None:
        async with target(b"a:") as to:
            forwards, port = Forwards(), free_port()
            forwards._room.left = 2
            await forwards.open({Forward("tcp", HERE, port, HERE, to)})
            held = [await asyncio.open_connection(HERE, port) for _ in range(2)]
            await asyncio.sleep(0.05)
            with contextlib.suppress(ConnectionResetError):
                assert await asked(port, b"") == b""
            for _, writer in held:
                writer.close()
            until = asyncio.get_running_loop().time() + 5
            while forwards._room.left < 2:
                assert asyncio.get_running_loop().time() < until
                await asyncio.sleep(0.01)
            assert await asked(port, b"x") == b"a:x"
            forwards.settle(set())

    run(work)
