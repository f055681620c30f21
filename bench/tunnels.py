"""Tunnels beside direct connections, in network namespaces of this machine: latency, downloads,
the time of a change, and memory. It needs what tests/e2e/test_tunnels.py needs."""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from bench.report import table
from config.capabilities import tunnels as manifest
from local.cloud import Cloud, running_cloud
from local.deploy import Deployment
from local.edge.server import LocalEdge
from tests.e2e.authority import Authority
from tests.e2e.hosts import ADDRESSES, Lab, lab, until
from tests.e2e.tunnels_stage import Stage

_DOMAIN: Final = "bench.example.test"
_PORT: Final = 8088
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
        _print_changes(stage)
        _print_memory(made)


def _network(stage: Stage, cloud: Cloud) -> Authority:
    stage.connect_control("home", "gw1", "gw2", "ca")
    authority = Authority(stage.lab)
    authority.start()
    authority.point(_DOMAIN, "gw1", "gw2")
    authority.serve(cloud, manifest.CERTIFICATES.name)
    return authority


def _hosts(stage: Stage) -> int:
    """Starts them, and returns the public port of a tcp tunnel."""
    stage.lab.start("home", sys.executable, "-c", _SERVER, log="server.log")
    agent = stage.good("POST", "/agents", {"name": "home"})
    gateways = {host: stage.good("POST", "/gateways", {"name": host}) for host in ("gw1", "gw2")}
    target = {"agentId": agent["id"], "target": f"localhost:{_PORT}"}
    port: int = stage.good("POST", "/tunnels", {**target, "protocol": "tcp"})["publicPort"]
    stage.start_host("home", "agent", agent["apiKey"])
    for host, each in gateways.items():
        stage.start_host(host, "gateway", each["apiKey"])
    stage.settled(60)
    made = stage.good("POST", "/tunnels", {**target, "domain": _DOMAIN})
    path = f"/tunnels/{made['id']}"
    until(lambda: (stage.good("GET", path)["certificate"] or {}).get("state") == "issued", 60, path)
    stage.settled()
    return port


def _asked(made: Lab, address: str, port: int, root: str) -> dict[str, float]:
    said = made.run("visitor", sys.executable, "-c", _CLIENT, address, str(port), _DOMAIN, root)
    answer: dict[str, float] = json.loads(said.splitlines()[-1])
    return answer


def _print_changes(stage: Stage) -> None:
    """From the request until every host has acknowledged the version, polled every 50 ms."""
    times = []
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
    print(f"{_CHANGES}), {max(times):.0f} ms at most\n")


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
