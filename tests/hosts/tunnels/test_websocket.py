"""The client against a server that the project did not write, and against broken ones."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from websockets.sync.server import ServerConnection, serve

from hosts.tunnels.program.websocket import (
    MOST_MESSAGE_BYTES,
    Closed,
    Refused,
    WebSocket,
    resolved,
)


@contextlib.contextmanager
def server(handler: Callable[[ServerConnection], None], **options: object) -> Iterator[str]:
    with serve(handler, "127.0.0.1", 0, **options) as made:  # type: ignore[arg-type]
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{made.socket.getsockname()[1]}/v1?a=b"
        made.shutdown()


def echo(connection: ServerConnection) -> None:
    for message in connection:
        connection.send(message)


def test_messages_of_every_length_come_back_whole() -> None:
    with server(echo, max_size=None) as url:
        client = WebSocket.connect(url, {})
        for size in (0, 1, 125, 126, 65_535, 65_536, 200_000):
            text = "ü" * (size // 2) + "x" * (size % 2)
            client.send(text)
            assert client.receive(5) == text
        client.close()


def test_a_message_in_fragments_is_one_message() -> None:
    def handler(connection: ServerConnection) -> None:
        connection.send(iter(["a", "b", "c" * 70_000]))
        connection.recv()

    with server(handler) as url:
        client = WebSocket.connect(url, {})
        assert client.receive(5) == "ab" + "c" * 70_000
        client.close()


def test_pings_are_answered_and_nothing_is_not_an_error() -> None:
    answered = threading.Event()

    def handler(connection: ServerConnection) -> None:
        connection.ping().wait(5)
        answered.set()
        connection.recv()

    with server(handler) as url:
        client = WebSocket.connect(url, {})
        assert client.receive(1) is None
        assert answered.wait(1)
        client.close()


def test_the_header_reaches_the_server_and_a_refusal_has_its_status() -> None:
    seen = []

    def process(connection: ServerConnection, request: object) -> object:
        seen.append(request.headers.get("X-Api-Key"))  # type: ignore[attr-defined]
        return connection.respond(403, "no") if seen[-1] != "right" else None

    with server(echo, process_request=process) as url:
        with pytest.raises(Refused, match="answers 403"):
            WebSocket.connect(url, {"X-Api-Key": "wrong"})
        WebSocket.connect(url, {"X-Api-Key": "right"}).close()
    assert seen == ["wrong", "right"]


def test_a_server_that_closes_ends_the_connection_with_its_code() -> None:
    with server(lambda connection: connection.close(4001)) as url:
        client = WebSocket.connect(url, {})
        with pytest.raises(Closed, match="code 4001"):
            client.receive(5)


def test_a_message_that_is_too_long_is_refused() -> None:
    def handler(connection: ServerConnection) -> None:
        with contextlib.suppress(Exception):
            connection.send("x" * (MOST_MESSAGE_BYTES + 1))
            connection.recv()

    with server(handler) as url:
        client = WebSocket.connect(url, {})
        with pytest.raises(Closed, match="longer than"):
            client.receive(5)
        client.close()


def test_a_server_that_falls_silent_is_given_up() -> None:
    """A connection that is half open brings nothing, not even an answer to a ping."""
    with silent_after_handshake() as url:
        client = WebSocket.connect(url, {}, ping_after=0.1, give_up_after=0.3)
        started = time.monotonic()
        with pytest.raises(Closed, match="nothing heard"):
            client.receive(10)
        assert time.monotonic() - started < 5
        client.close()


@contextlib.contextmanager
def silent_after_handshake() -> Iterator[str]:
    import base64
    import hashlib

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            made, _ = listener.accept()
            asked = made.recv(4096)
            key = asked.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
            magic = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            token = base64.b64encode(hashlib.sha1(key + magic, usedforsecurity=False).digest())
            made.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + token + b"\r\n\r\n"
            )
            held.wait(20)
            made.close()

        held = threading.Event()
        thread = threading.Thread(target=accept)
        thread.start()
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        held.set()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"", "did not finish"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n\r\n", "not ours"),
        (b"HTTP/1.1 101 Switching Protocols\r\n" + b"a: b\r\n" * 9999, "did not finish"),
    ],
)
def test_a_server_of_another_protocol_is_refused(answer: bytes, problem: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            made, _ = listener.accept()
            with made, contextlib.suppress(OSError):
                made.recv(4096)
                made.sendall(answer)

        thread = threading.Thread(target=accept)
        thread.start()
        with pytest.raises((Closed, OSError), match=f"{problem}|reset"):
            WebSocket.connect(f"ws://127.0.0.1:{listener.getsockname()[1]}/", {})
        thread.join()


def test_names_below_localhost_are_this_machine() -> None:
    assert resolved("api.localhost") == resolved("localhost") == "127.0.0.1"
    assert resolved("example.com") == "example.com"
    assert resolved("localhost.example.com") == "localhost.example.com"
