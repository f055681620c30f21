"""Hosts in network namespaces: a home, two gateways, a visitor and a certificate authority.

Each has an address of 198.51.100.0/24, a range for documentation, on a bridge of its own. Nothing
leaves the namespaces but by relays, which listen and connect in the namespaces that they name.
"""

import asyncio
import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engines import require

ADDRESSES: Final = {
    "home": "198.51.100.2",
    "gw1": "198.51.100.11",
    "gw2": "198.51.100.12",
    "visitor": "198.51.100.30",
    "ca": "198.51.100.50",
}
_NEEDED: Final = ("ip", "wg", "wireguard-go", "nft", "curl")
_CLONE_NEWNET: Final = 0x40000000


def require_namespaces() -> None:
    missing = [each for each in _NEEDED if shutil.which(each) is None]
    require(not missing, f"no {', '.join(missing)}: apt-get install the packages that have them")
    possible = subprocess.run(
        ["/usr/bin/env", "ip", "netns", "add", "htmlgame-probe"], capture_output=True, check=False
    )
    if possible.returncode != 0 or not Path("/dev/net/tun").exists():
        # No package makes them possible.
        pytest.skip("no network namespaces or tunnels here: run as root on Linux")
    subprocess.run(["/usr/bin/env", "ip", "netns", "del", "htmlgame-probe"], check=True)


def caddy() -> str:
    found = shutil.which("caddy", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
    require(found, "no caddy: make install-test")
    return str(found)


class InNamespace:
    """Runs calls of this process in a namespace, on a thread of its own."""

    def __init__(self, namespace: str) -> None:
        self._pool = ThreadPoolExecutor(1, initializer=_enter, initargs=(namespace,))

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._pool.submit(function, *arguments).result(20)

    def close(self) -> None:
        self._pool.shutdown()


def _enter(namespace: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/var/run/netns", namespace).open("rb") as there:
        if libc.setns(there.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


class Relays:
    """TCP from a listener in one namespace to an address in another; None is this machine."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._inside: dict[str, InNamespace] = {}
        self._open: list[tuple[asyncio.AbstractServer, set[asyncio.StreamWriter]]] = []
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def add(
        self, listen: tuple[str | None, str, int], to: tuple[str | None, str, int]
    ) -> Callable[[], None]:
        """Returns what cuts this relay and its connections."""
        sock = self._in(listen[0], socket.create_server, listen[1:])
        writers: set[asyncio.StreamWriter] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                made = await self._loop.run_in_executor(None, self._connected, to)
                other, onward = await asyncio.open_connection(sock=made)
            except OSError:
                writer.close()
                return
            writers.update((writer, onward))
            await asyncio.gather(_pump(reader, onward), _pump(other, writer))
            writers.difference_update((writer, onward))

        server = self._run(asyncio.start_server(serve, sock=sock))
        self._open.append((server, writers))

        async def cut() -> None:
            server.close()
            for writer in list(writers):
                writer.close()

        return lambda: self._run(cut())

    def _connected(self, to: tuple[str | None, str, int]) -> socket.socket:
        made: socket.socket = self._in(to[0], socket.create_connection, to[1:], 5)
        made.settimeout(None)
        return made

    def _in(self, namespace: str | None, function: Callable[..., Any], *arguments: Any) -> Any:
        if namespace is None:
            return function(*arguments)
        if namespace not in self._inside:
            self._inside[namespace] = InNamespace(namespace)
        return self._inside[namespace].call(function, *arguments)

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def close(self) -> None:
        async def cut() -> None:
            for server, writers in self._open:
                server.close()
                for writer in list(writers):
                    writer.close()

        self._run(cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        for each in self._inside.values():
            each.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()


@dataclass
class Lab:
    folder: Path
    prefix: str
    relays: Relays = field(default_factory=Relays)
    _processes: list[subprocess.Popen[Any]] = field(default_factory=list)

    def namespace(self, host: str) -> str:
        return f"{self.prefix}{host}"

    def command(self, host: str, *command: str) -> list[str]:
        return ["/usr/bin/env", "ip", "netns", "exec", self.namespace(host), *command]

    def run(self, host: str, *command: str, given: str | None = None) -> str:
        done = subprocess.run(
            self.command(host, *command),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.stdout + done.stderr

    def start(self, host: str, *command: str, log: str = "", **more: str) -> subprocess.Popen[Any]:
        with (self.folder / (log or f"{host}.log")).open("ab") as output:
            process = subprocess.Popen(
                self.command(host, *command),
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | more,
                cwd=self.folder,
            )
        self._processes.append(process)
        return process

    def stop(self, process: subprocess.Popen[Any]) -> None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)

    def up(self) -> None:
        _ip("netns", "add", self.namespace("net"))
        _ip("-n", self.namespace("net"), "link", "add", "br0", "type", "bridge")
        _ip("-n", self.namespace("net"), "link", "set", "br0", "up")
        for host, address in ADDRESSES.items():
            inside = self.namespace(host)
            _ip("netns", "add", inside)
            _ip("-n", inside, "link", "set", "lo", "up")
            _ip(
                "-n", inside, "link", "add", "eth0", "type", "veth",
                "peer", "name", host, "netns", self.namespace("net"),
            )  # fmt: skip
            _ip("-n", inside, "addr", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", inside, "link", "set", "eth0", "up")
            _ip("-n", self.namespace("net"), "link", "set", host, "master", "br0", "up")

    def down(self) -> None:
        for process in reversed(self._processes):
            if process.poll() is None:
                self.stop(process)
        self.relays.close()
        for host in (*ADDRESSES, "net"):
            subprocess.run(
                ["/usr/bin/env", "ip", "netns", "del", self.namespace(host)],
                capture_output=True,
                check=False,
            )


@contextmanager
def lab(folder: Path) -> Iterator[Lab]:
    require_namespaces()
    made = Lab(folder, f"hg{os.getpid()}-")
    try:
        made.up()
        yield made
    finally:
        made.down()


def _ip(*arguments: str) -> None:
    subprocess.run(["/usr/bin/env", "ip", *arguments], check=True, capture_output=True)


def curl(
    made: Lab, host: str, url: str, *more: str, resolve: Sequence[str] = ()
) -> tuple[int, str]:
    """The status, 0 where there is none, and the body."""
    options = [part for each in resolve for part in ("--resolve", each)]
    said = made.run(
        host, "curl", "-s", "--max-time", "5", "-w", "\n%{http_code}", *options, *more, url
    )
    body, _, status = said.rpartition("\n")
    return int(status) if status.isdigit() else 0, body


def until(held: Callable[[], Any], seconds: float, what: str = "") -> Any:
    """Returns what held as soon as it does."""
    end = time.monotonic() + seconds
    while True:
        found = held()
        if found:
            return found
        assert time.monotonic() < end, f"never within {seconds} s: {what}"
        time.sleep(0.05)


def parsed(text: str) -> Any:
    return json.loads(text)
