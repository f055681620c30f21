"""A creator's network in the lab: an agent at home, gateways, and a visitor."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3

from tests.e2e.hosts import ADDRESSES, Lab, caddy, until

GAME: Final = """
import asyncio, http.server, socket, sys, threading, time
from websockets.asyncio.server import serve

class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/slow":
            return self.slow()
        body = f"from home for {self.headers.get('X-Forwarded-For')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def slow(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(bytes(1000))
            time.sleep(.02)
    def log_message(self, *_): pass

def web():
    http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Page).serve_forever()

def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 9090))
        while True:
            data, sender = sock.recvfrom(2048)
            sock.sendto(b"home:" + data, sender)

def tcp():
    with socket.create_server(("127.0.0.1", 9091)) as server:
        while True:
            made, _ = server.accept()
            data = made.recv(2048)
            made.sendall(b"home:" + data)
            made.close()

def visitors():
    # Answers with the address in the PROXY header of version 2.
    with socket.create_server(("127.0.0.1", 9092)) as server:
        while True:
            made, _ = server.accept()
            head = made.recv(28, socket.MSG_WAITALL)
            good = head[:14] == bytes.fromhex("0d0a0d0a000d0a515549540a2111")
            data = made.recv(2048)
            made.sendall(socket.inet_ntoa(head[16:20]).encode() + b":" + data if good else b"no")
            made.close()

async def echo(socket):
    async for message in socket:
        await socket.send(message)

async def main():
    for each in (web, udp, tcp, visitors):
        threading.Thread(target=each, daemon=True).start()
    async with serve(echo, "127.0.0.1", 8081):
        await asyncio.Future()

asyncio.run(main())
"""
"""A game's server: pages, an echo over WebSocket, and one each over UDP and TCP."""

Json = dict[str, Any]


class Stage:
    def __init__(self, lab: Lab, site: str, cloud_port: int, token: str) -> None:
        self.lab, self.site, self._token = lab, site, token
        self._pool = urllib3.PoolManager(retries=False, timeout=30)
        self.edge_port, self._cloud_port = urlsplit(site).port or 80, cloud_port
        self.cuts: list[Callable[[], None]] = []

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self._pool.request(
            method,
            f"{self.site}/api/tunnels{path}",
            body=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}"},
        )
        return answer.status, answer.json()

    def good(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = self.ask(method, path, body)
        assert status == 200, answer
        return answer

    def connect_control(self, *hosts: str) -> None:
        """Control is at the same addresses in each of these namespaces as here."""
        for host in hosts:
            for port in (self.edge_port, self._cloud_port):
                inside = (self.lab.namespace(host), "127.0.0.1", port)
                self.cuts.append(self.lab.relays.add(inside, (None, "127.0.0.1", port)))

    def cut_control(self) -> None:
        for cut in self.cuts:
            cut()
        self.cuts.clear()

    def start_game(self) -> Any:
        return self.lab.start("home", sys.executable, "-c", GAME, log="game.log")

    def install(self, host: str, role: str, key: str) -> None:
        """The line that the creators' page shows, with the files below a folder."""
        line = (
            f"curl -sSL {self.site}/install/{role}.sh"
            f" | sh -s -- --api-key={key} --control-url={self.site}"
        )
        said = self.lab.run(host, "/usr/bin/env", f"DESTDIR={self.root(host)}", "sh", "-euc", line)
        assert f"htmlgame-tunnel-{role} is installed" in said, said

    def root(self, host: str) -> Path:
        return self.lab.folder / f"root-{host}"

    def start_host(
        self, host: str, role: str, key: str, *more: str, python: str = sys.executable
    ) -> Any:
        arguments = ["--state-dir", f"{self.lab.folder}/state-{host}", "--interface", self.wg(host)]
        if role == "gateway":
            arguments += ["--public-ip", ADDRESSES[host], "--caddy", caddy()]
        root = self.root(host)
        settings = root / f"etc/htmlgame-tunnel/{role}.conf"
        if not settings.exists() or key not in settings.read_text():
            self.install(host, role, key)
        given = dict(line.split("=", 1) for line in settings.read_text().splitlines())
        return self.lab.start(
            host,
            python,
            f"{root}/usr/local/lib/htmlgame-tunnel/htmlgame-tunnel-{role}.pyz",
            role,
            *arguments,
            *more,
            log=f"{host}.log",
            **given,
        )

    def wg(self, host: str) -> str:
        """The socket of wireguard-go is in a folder that all namespaces share."""
        return f"{self.lab.prefix}{host}"[-15:]

    def log(self, host: str) -> str:
        return (self.lab.folder / f"{host}.log").read_text()

    def settled(self, seconds: float = 30) -> Json:
        """Waits until every host has applied the present version."""

        def look() -> Json | None:
            overview: Json = self.good("GET", "/overview")
            hosts = [*overview["agents"], *overview["gateways"]]
            applied = [each["appliedVersion"] for each in hosts if each["enabled"]]
            online = all(each["status"] == "online" for each in hosts)
            return overview if online and set(applied) == {overview["version"]} else None

        found: Json = until(look, seconds, "every host applies the present version")
        return found


def udp(lab: Lab, host: str, address: str, port: int, message: str) -> str:
    script = (
        "import socket, sys\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3)\n"
        "s.sendto(sys.argv[3].encode(), (sys.argv[1], int(sys.argv[2])))\n"
        "print(s.recv(2048).decode(), end='')"
    )
    return lab.run(host, sys.executable, "-c", script, address, str(port), message)


def tcp(lab: Lab, host: str, address: str, port: int, message: str) -> str:
    script = (
        "import socket, sys\n"
        "s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)\n"
        "s.sendall(sys.argv[3].encode())\n"
        "print(s.recv(2048).decode(), end='')"
    )
    return lab.run(host, sys.executable, "-c", script, address, str(port), message)


class Echoes:
    """A WebSocket that echoes every 20 ms, and the longest silence on it."""

    SCRIPT: Final = (
        "import json, ssl, sys, time\n"
        "from websockets.sync.client import connect\n"
        "context = ssl.create_default_context(cafile=sys.argv[3]) if len(sys.argv) > 3 else None\n"
        "import socket\n"
        "sock = socket.create_connection((sys.argv[1], 443), 5)\n"
        "with connect(sys.argv[2], sock=sock, ssl=context, ping_interval=None) as ws:\n"
        "    while True:\n"
        "        before = time.perf_counter()\n"
        "        ws.send('x'); ws.recv(timeout=20)\n"
        "        print(round((time.perf_counter() - before) * 1000, 1), flush=True)\n"
        "        time.sleep(.02)\n"
    )

    def __init__(self, lab: Lab, host: str, address: str, url: str, *more: str) -> None:
        self._file = lab.folder / f"echoes-{address}.log"
        self._file.unlink(missing_ok=True)
        self._process = lab.start(
            host, sys.executable, "-c", self.SCRIPT, address, url, *more, log=self._file.name
        )
        self._lab = lab

    @property
    def gaps(self) -> Sequence[float]:
        lines = self._file.read_text().splitlines()
        assert self._process.poll() is None, lines[-3:]
        return [float(each) for each in lines if each.replace(".", "").isdigit()]

    def stop(self) -> None:
        self._lab.stop(self._process)
