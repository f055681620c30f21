"""Tunnels beside direct connections and ssh -R, in network namespaces of this machine: latency,
downloads, echoes over WebSocket, the time of a change, gaps of a stream meanwhile, and memory.

It needs what tests/e2e/test_tunnels.py needs."""

import json
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.report import table
from bench.reverse_ssh import forward, sshd
from config.capabilities import tunnels as manifest
from local.cloud import Cloud, running_cloud
from local.deploy import Deployment
from local.edge.server import LocalEdge
from tests.e2e.authority import Authority
from tests.e2e.hosts import ADDRESSES, Lab, lab, until
from tests.e2e.tunnels_stage import Echoes, Stage

_DOMAIN, _ECHO_DOMAIN = "bench.example.test", "echo.example.test"
_PORT: Final = 8088
_ECHO_PORT: Final = 8089
_SSH_PORT: Final = 8090
_REQUESTS: Final = 1_000
_MEGABYTES: Final = 64
_CHANGES: Final = 7
_SERVER: Final = f"""
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    def do_GET(self):
        body = bytes({_MEGABYTES} << 20) if self.path == "/big" else b"x" * 500
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("0.0.0.0", {_PORT}), Page).serve_forever()
"""
_ECHO: Final = f"""
import asyncio
from websockets.asyncio.server import serve
async def echo(socket):
    async for message in socket:
        await socket.send(message)
async def main():
    async with serve(echo, "0.0.0.0", {_ECHO_PORT}, compression=None):
        await asyncio.Future()
asyncio.run(main())
"""
_ECHOES: Final = f"""
import json, socket, ssl, sys, time
from websockets.sync.client import connect
address, port, domain, root = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
sock = socket.create_connection((address, port), 5)
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
secure = ssl.create_default_context(cafile=root) if root else None
scheme = "wss" if root else "ws"
times = []
with connect(f"{{scheme}}://{{domain}}/", sock=sock, ssl=secure, compression=None) as ws:
    for _ in range({_REQUESTS}):
        before = time.perf_counter(); ws.send("x"); ws.recv(timeout=20)
        times.append((time.perf_counter() - before) * 1000)
times = sorted(times[50:])
print(json.dumps({{"p50": times[len(times) // 2], "p95": times[len(times) * 95 // 100]}}))
"""
_CLIENT: Final = f"""
import http.client, json, socket, ssl, sys, time
address, port, domain, root = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
sock = socket.create_connection((address, port), 5)
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
if root:
    sock = ssl.create_default_context(cafile=root).wrap_socket(sock, server_hostname=domain)
asked = http.client.HTTPConnection(domain)
asked.sock = sock
def get(path):
    asked.request("GET", path)
    return len(asked.getresponse().read())
for _ in range(50): get("/")
times = []
for _ in range({_REQUESTS}):
    before = time.perf_counter(); get("/"); times.append((time.perf_counter() - before) * 1000)
before = time.perf_counter(); size = get("/big"); took = time.perf_counter() - before
times.sort()
print(json.dumps({{"p50": times[len(times) // 2], "p95": times[len(times) * 95 // 100],
                   "mb_s": size / took / 1e6}}))
"""


def run() -> None:
    with tempfile.TemporaryDirectory() as folder, running_cloud(Path(folder)) as cloud:
        Deployment(cloud).bring_up_to_date()
        edge = LocalEdge(cloud, 0)
        edge.start()
        measure(cloud, edge.url)
        edge.stop()


def measure(cloud: Cloud, site: str) -> None:
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder)) as made:
        stage = Stage(made, site, cloud.port, cloud.issuer.token(f"{time.time_ns()}@example.com"))
        authority = _network(stage, cloud)
        port = _hosts(stage)
        root = str(authority.root())
        ways = {
            "direct": (ADDRESSES["home"], _PORT, ""),
            "tcp tunnel": (ADDRESSES["gw1"], port, ""),
            "https tunnel": (ADDRESSES["gw1"], 443, root),
        }
        echoes = {
            "direct": (ADDRESSES["home"], _ECHO_PORT, _ECHO_DOMAIN, ""),
            "https tunnel": (ADDRESSES["gw1"], 443, _ECHO_DOMAIN, root),
        }
        server = sshd()
        if server is None:
            print("no sshd here, so no ssh -R to compare with: apt-get install openssh-server")
        else:
            forward(made, server, {_SSH_PORT: _PORT, _SSH_PORT + 1: _ECHO_PORT})
            until(lambda: _listens(made, _SSH_PORT + 1), 15, "ssh forwards")
            ways["ssh -R"] = (ADDRESSES["gw1"], _SSH_PORT, "")
            echoes["ssh -R"] = (ADDRESSES["gw1"], _SSH_PORT + 1, _ECHO_DOMAIN, "")
        found = {name: _asked(made, *way) for name, way in ways.items()}
        direct = found["direct"]["p50"]
        table(
            "Tunnels in namespaces of this machine, WireGuard in user space",
            ["way", "GET p50 ms", "p95 ms", "added p50 ms", "MB/s"],
            [
                (name, each["p50"], each["p95"], each["p50"] - direct, each["mb_s"])
                for name, each in found.items()
            ],
        )
        table(
            "Echoes over WebSocket",
            ["way", "p50 ms", "p95 ms"],
            [
                (name, each["p50"], each["p95"])
                for name, way in echoes.items()
                for each in [_run(made, _ECHOES, *way)]
            ],
        )
        _print_changes(stage, root)
        _print_memory(made)


def _network(stage: Stage, cloud: Cloud) -> Authority:
    stage.connect_control("home", "gw1", "gw2", "ca")
    authority = Authority(stage.lab)
    authority.start()
    for domain in (_DOMAIN, _ECHO_DOMAIN):
        authority.point(domain, "gw1", "gw2")
    authority.serve(cloud, manifest.CERTIFICATES.name)
    return authority


def _hosts(stage: Stage) -> int:
    """Starts them, and returns the public port of a tcp tunnel."""
    stage.lab.start("home", sys.executable, "-c", _SERVER, log="server.log")
    stage.lab.start("home", sys.executable, "-c", _ECHO, log="echo.log")
    agent = stage.good("POST", "/agents", {"name": "home"})
    gateways = {host: stage.good("POST", "/gateways", {"name": host}) for host in ("gw1", "gw2")}
    target = {"agentId": agent["id"], "target": f"localhost:{_PORT}"}
    port: int = stage.good("POST", "/tunnels", {**target, "protocol": "tcp"})["publicPort"]
    stage.start_host("home", "agent", agent["apiKey"])
    for host, each in gateways.items():
        stage.start_host(host, "gateway", each["apiKey"])
    stage.settled(60)
    for domain, at in ((_DOMAIN, _PORT), (_ECHO_DOMAIN, _ECHO_PORT)):
        fields = {**target, "target": f"localhost:{at}", "domain": domain}
        path = f"/tunnels/{stage.good('POST', '/tunnels', fields)['id']}"
        until(partial(_is_issued, stage, path), 60, path)
    stage.settled()
    return port


def _is_issued(stage: Stage, path: str) -> bool:
    return (stage.good("GET", path)["certificate"] or {}).get("state") == "issued"


def _listens(made: Lab, port: int) -> bool:
    return f":{port} " in made.run("gw1", "ss", "-Hltn")


def _asked(made: Lab, address: str, port: int, root: str) -> dict[str, float]:
    return _run(made, _CLIENT, address, port, _DOMAIN, root)


def _run(
    made: Lab, script: str, address: str, port: int, domain: str, root: str
) -> dict[str, float]:
    said = made.run("visitor", sys.executable, "-c", script, address, str(port), domain, root)
    answer: dict[str, float] = json.loads(said.splitlines()[-1])
    return answer


def _print_changes(stage: Stage, root: str) -> None:
    """From the request until every host has acknowledged the version, polled every 50 ms."""
    times = []
    address = ADDRESSES["gw1"]
    echoes = Echoes(stage.lab, "visitor", address, f"wss://{_ECHO_DOMAIN}/", root)
    until(lambda: len(echoes.gaps) > 50, 20, "echoes")
    agent = stage.good("GET", "/agents")["agents"][0]["id"]
    for _ in range(_CHANGES):
        started = time.perf_counter()
        stage.good(
            "POST",
            "/tunnels",
            {"agentId": agent, "target": f"localhost:{_PORT}", "protocol": "udp"},
        )
        stage.settled()
        times.append((time.perf_counter() - started) * 1000)
    print(f"a change is applied by all hosts after {statistics.median(times):.0f} ms (median of")
    print(f"{_CHANGES}), {max(times):.0f} ms at most")
    gaps = echoes.gaps
    echoes.stop()
    print(f"a WebSocket lived through them; its longest echo took {max(gaps):.1f} ms, half of them")
    print(f"{statistics.median(gaps):.2f} ms\n")


def _print_memory(made: Lab) -> None:
    rows: list[tuple[str, Any]] = []
    for host in ("home", "gw1"):
        pids = made.run("net", "ip", "netns", "pids", made.namespace(host)).split()
        for pid in pids:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            status = Path(f"/proc/{pid}/status").read_text()
            resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            name = next((each for each in _PROGRAMS if each in command), "")
            if name:
                rows.append((f"{host}: {name}", int(resident.split()[1]) / 1024))
    table("Memory", ["program", "MB resident"], rows)


_PROGRAMS: Final = ("wireguard-go", "htmlgame-tunnel", "caddy run")
