"""The whole path of a tunnel: control as it is deployed, hosts in network namespaces, a certificate
authority, and a visitor. The tests go through one day of a network, in this order."""

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from config.capabilities import tunnels
from lambdas.tunnels.api_keys import new_key
from lambdas.tunnels.table import TunnelTable
from local.edge.server import LocalEdge
from local.issuer import creator_id
from tests.e2e.authority import Authority
from tests.e2e.hosts import ADDRESSES, curl, lab, until
from tests.e2e.tunnels_stage import Echoes, Stage, tcp, udp
from tests.system import System

PAGE, ECHO, MINE = "app.example.test", "ws.example.test", "mine.example.test"
GATEWAYS: Final = ("gw1", "gw2")
PERSON: Final = "tunnels@example.com"
OTHER: Final = "squatter@example.com"


class Day:
    """What one test leaves to the next."""

    def __init__(self, stage: Stage, authority: Authority, system: System, started: float) -> None:
        self.stage, self.authority, self.system, self.started = stage, authority, system, started
        self.agent: dict[str, Any] = {}
        self.gateways: dict[str, dict[str, Any]] = {}
        self.processes: dict[str, Any] = {}
        self.ports: dict[str, int] = {}
        self.flood: Path | None = None

    @property
    def root(self) -> str:
        return str(self.authority.root())

    def page(self, gateway: str) -> tuple[int, str]:
        address = f"{PAGE}:443:{ADDRESSES[gateway]}"
        return curl(
            self.stage.lab, "visitor", f"https://{PAGE}/", "--cacert", self.root, resolve=[address]
        )

    def serves(self, gateway: str) -> bool:
        return self.page(gateway) == (200, f"from home for {ADDRESSES['visitor']}")

    def start(self, host: str) -> None:
        role, key = ("agent", self.agent) if host == "home" else ("gateway", self.gateways[host])
        self.processes[host] = self.stage.start_host(host, role, key["apiKey"])

    def stop(self, host: str) -> None:
        self.stage.lab.stop(self.processes[host])

    def add_tunnel(self, **fields: Any) -> Any:
        return self.stage.good("POST", "/tunnels", {"agentId": self.agent["id"], **fields})

    def certificate_of(self, domain: str) -> dict[str, Any]:
        listed = self.stage.good("GET", "/tunnels")["tunnels"]
        found: dict[str, Any] = next(each for each in listed if each["domain"] == domain)
        return found["certificate"] or {}


@pytest.fixture(scope="module")
def day(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    started = time.monotonic()
    with lab(tmp_path_factory.mktemp("lab")) as made:
        edge = LocalEdge(system.cloud, 0)
        edge.start()
        token = system.cloud.issuer.token(PERSON)
        stage = Stage(made, edge.url, system.cloud.port, token)
        stage.connect_control("home", "gw1", "gw2", "ca")
        stage.start_game()
        authority = Authority(made)
        authority.start()
        for domain in (PAGE, ECHO):
            authority.point(domain, *GATEWAYS)
        authority.serve(system.cloud, tunnels.CERTIFICATES.name)
        yield Day(stage, authority, system, started)
        edge.stop()


def test_hosts_enrol_make_their_keys_and_apply_what_control_says(day: Day) -> None:
    stage = day.stage
    day.agent = stage.good("POST", "/agents", {"name": "home"})
    for host in GATEWAYS:
        day.gateways[host] = stage.good("POST", "/gateways", {"name": host})
    for protocol, target in (("udp", "127.0.0.1:9090"), ("tcp", "localhost:9091")):
        made = day.add_tunnel(protocol=protocol, target=target)
        day.ports[protocol] = made["publicPort"]
    for host in ("home", *GATEWAYS):
        day.start(host)
    overview = stage.settled(60)
    hosts = [*overview["agents"], *overview["gateways"]]
    assert len({each["wireguardPublicKey"] for each in hosts}) == 3
    assert {each["publicIp"] for each in overview["gateways"]} == {
        ADDRESSES[each] for each in GATEWAYS
    }
    kept = json.dumps(day.system.cloud.client("dynamodb").scan(TableName=table_name(day)))
    for each in (day.agent, *day.gateways.values()):
        assert each["apiKey"] not in kept


def table_name(day: Day) -> str:
    return day.system.parameter(tunnels.TABLE.parameter)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_datagrams_and_connections_reach_home_over_each_gateway(day: Day, gateway: str) -> None:
    lab, address = day.stage.lab, ADDRESSES[gateway]
    until(
        lambda: udp(lab, "visitor", address, day.ports["udp"], "hi") == "home:hi", 15, "udp answers"
    )
    assert tcp(lab, "visitor", address, day.ports["tcp"], "hi") == "home:hi"


def test_a_server_that_reads_proxy_headers_learns_the_visitors_address(day: Day) -> None:
    made = day.add_tunnel(protocol="tcp", target="localhost:9092", proxyProtocol=True)
    day.stage.settled()
    said = tcp(day.stage.lab, "visitor", ADDRESSES["gw2"], made["publicPort"], "hi")
    assert said == f"{ADDRESSES['visitor']}:hi"
    day.stage.good("DELETE", f"/tunnels/{made['id']}")


def test_certificates_are_ordered_for_a_new_tunnel_and_pushed_to_every_gateway(day: Day) -> None:
    day.add_tunnel(domain=PAGE, target="localhost:8080")
    day.add_tunnel(domain=ECHO, target="localhost:8081")
    for domain in (PAGE, ECHO):
        until(partial(has_certificate, day, domain), 60, domain)
    day.stage.settled()
    for gateway in GATEWAYS:
        assert day.serves(gateway), day.page(gateway)


def test_a_name_without_a_tunnel_is_refused(day: Day) -> None:
    address = f"other.example.test:443:{ADDRESSES['gw1']}"
    status, _ = curl(day.stage.lab, "visitor", "https://other.example.test/", resolve=[address])
    assert status == 0
    address = f"{PAGE}:443:{ADDRESSES['gw1']}"
    asked = ("--cacert", day.root, "-H", "Host: other.example.test")
    found = curl(day.stage.lab, "visitor", f"https://{PAGE}/", *asked, resolve=[address])
    assert found == (404, "no tunnel has this name\n")


def test_nobody_gets_the_name_or_the_certificate_of_another(day: Day) -> None:
    """MINE leads to the gateways of this creator, who has no tunnel for it yet."""
    day.authority.point(MINE, *GATEWAYS)
    cloud = day.system.cloud
    other = Stage(day.stage.lab, day.stage.site, cloud.port, cloud.issuer.token(OTHER))
    agent = other.good("POST", "/agents", {"name": "squatter"})
    fields = {"agentId": agent["id"], "target": "localhost:8080"}
    status, answer = other.ask("POST", "/tunnels", {**fields, "domain": PAGE.upper()})
    assert (status, answer["error"]["code"]) == (409, "domain_taken")
    made = other.good("POST", "/tunnels", {**fields, "domain": MINE})
    cloud.client("lambda").invoke(FunctionName=tunnels.CERTIFICATES.name, Payload=b"{}")
    path = f"/tunnels/{made['id']}"
    found = until(lambda: other.good("GET", path)["certificate"], 60, "an order that fails")
    assert found["state"] == "failed"
    assert "point its A record at your gateways" in found["problem"]
    # The claim keeps the name from nobody.
    owned = day.add_tunnel(domain=MINE, target="localhost:8080")
    day.stage.good("DELETE", f"/tunnels/{owned['id']}")
    status, _ = other.ask("GET", f"/agents/{day.agent['id']}")
    assert status == 404
    other.good("DELETE", path)
    other.good("DELETE", f"/agents/{agent['id']}")


def test_a_flood_of_unfinished_requests_leaves_room(day: Day) -> None:
    lab, address = day.stage.lab, ADDRESSES["gw1"]
    script = (
        "import socket, sys\n"
        "idle = [socket.create_connection((sys.argv[1], 80), 5) for _ in range(300)]\n"
        "for each in idle: each.sendall(b'GET / HTTP/1.1\\r\\nHost: x\\r\\n')\n"
        "print('held', flush=True)\n"
        "for each in idle: each.settimeout(30); each.recv(100)\n"
        "print('ended', flush=True)\n"
    )
    log = lab.folder / "flood.log"
    lab.start("visitor", sys.executable, "-c", script, address, log=log.name)
    until(lambda: "held" in log.read_text(), 20, "a flood")
    assert day.serves("gw1")
    day.flood = log


def test_a_web_socket_lives_through_reloads_and_new_keys(day: Day) -> None:
    echoes = Echoes(day.stage.lab, "visitor", ADDRESSES["gw1"], f"wss://{ECHO}/", day.root)
    until(lambda: len(echoes.gaps) > 10, 20, "the echo answers")
    before = len(echoes.gaps)
    day.add_tunnel(protocol="udp", target="127.0.0.1:9090")
    started = time.monotonic()
    day.stage.settled()
    print(f"a change is applied everywhere after {time.monotonic() - started:.2f} s")
    assert max(echoes.gaps[before:]) < 1000
    for kind, host in (("agents", day.agent), ("gateways", day.gateways["gw1"])):
        before, key = len(echoes.gaps), wireguard_key(day, kind, host["id"])
        day.stage.good("POST", f"/{kind}/{host['id']}/rotate-wireguard")
        until(partial(has_other_key, day, kind, host["id"], key), 20, "a new key")
        day.stage.settled()
        until(partial(went_on, echoes, before + 50), 20, "the echo goes on")
        print(f"longest silence while {kind} rotate: {max(echoes.gaps[before:])} ms")
        assert max(echoes.gaps[before:]) < 10_000
    echoes.stop()


def has_certificate(day: Day, domain: str) -> bool:
    return day.certificate_of(domain).get("state") == "issued"


def went_on(echoes: Echoes, number: int) -> bool:
    return len(echoes.gaps) > number


def has_other_key(day: Day, kind: str, host_id: str, key: str) -> bool:
    return wireguard_key(day, kind, host_id) != key


def wireguard_key(day: Day, kind: str, host_id: str) -> str:
    return str(day.stage.good("GET", f"/{kind}/{host_id}")["wireguardPublicKey"])


def test_unfinished_requests_have_ended(day: Day) -> None:
    until(lambda: day.flood and "ended" in day.flood.read_text(), 40, "unfinished requests end")


def test_a_certificate_is_renewed_when_its_time_comes(day: Day) -> None:
    before = day.certificate_of(PAGE)["serial"]
    client, owner = day.system.cloud.client("dynamodb"), creator_id(PERSON)
    client.update_item(
        TableName=table_name(day),
        Key={"PK": {"S": "CERTS"}, "SK": {"S": f"{owner}#{PAGE}"}},
        UpdateExpression="SET due = :zero",
        ExpressionAttributeValues={":zero": {"N": "0"}},
    )
    aged(day, owner)
    day.system.cloud.client("lambda").invoke(FunctionName=tunnels.CERTIFICATES.name, Payload=b"{}")
    until(lambda: day.certificate_of(PAGE)["serial"] != before, 30, "a new certificate")
    day.stage.settled()
    assert all(day.serves(each) for each in GATEWAYS)


def aged(day: Day, owner: str) -> None:
    """Puts an old certificate in place of the present one."""
    old = Path(__file__).with_name("old_certificate.pem").read_text()
    day.system.cloud.client("dynamodb").update_item(
        TableName=table_name(day),
        Key={"PK": {"S": f"O#{owner}"}, "SK": {"S": f"C#{PAGE}"}},
        UpdateExpression="SET chain = :old",
        ExpressionAttributeValues={":old": {"S": old}},
    )


def test_a_gateway_restarts_while_the_other_serves(day: Day) -> None:
    day.stop("gw1")
    assert day.serves("gw2")
    day.start("gw1")
    started = time.monotonic()
    until(lambda: day.serves("gw1"), 60, "gateway 1 serves again")
    print(f"a restarted gateway serves after {time.monotonic() - started:.1f} s")


def test_an_agent_that_restarts_ends_a_transfer_and_serves_the_next(day: Day) -> None:
    lab, address = day.stage.lab, f"{PAGE}:443:{ADDRESSES['gw1']}"
    file = lab.folder / "slow.bin"
    asked = ("--cacert", day.root, "--resolve", address, "-o", str(file), f"https://{PAGE}/slow")
    transfer = lab.start("visitor", "curl", "-sS", "--max-time", "60", *asked, log="slow.log")
    until(lambda: file.exists() and file.stat().st_size > 10_000, 20, "a transfer begins")
    day.stop("home")
    day.start("home")
    until(lambda: day.serves("gw1"), 30, "the agent serves again")
    assert transfer.wait(30) != 0, "a transfer that was cut was taken for whole"


def test_tunnels_outlive_control_and_a_restart_without_it(day: Day) -> None:
    day.stage.cut_control()
    assert day.serves("gw1")
    day.stop("home")
    day.start("home")
    until(lambda: day.serves("gw2"), 30, "the agent carries without control")
    day.stage.connect_control("home", "gw1", "gw2", "ca")
    day.add_tunnel(protocol="udp", target="127.0.0.1:9090")
    day.stage.settled(90)


def test_a_tunnel_that_is_switched_off_or_deleted_ends(day: Day) -> None:
    listed = day.stage.good("GET", "/tunnels")["tunnels"]
    page = next(each for each in listed if each["domain"] == PAGE)
    day.stage.good("PATCH", f"/tunnels/{page['id']}", {"enabled": False})
    day.stage.settled()
    assert day.page("gw1")[0] != 200
    day.stage.good("DELETE", f"/tunnels/{page['id']}")
    day.stage.settled()
    assert day.page("gw2")[0] != 200


def test_a_target_outside_the_agents_networks_is_refused_by_the_agent_alone(day: Day) -> None:
    made = day.add_tunnel(protocol="tcp", target="203.0.113.9:22")
    agent = f"/agents/{day.agent['id']}"
    until(lambda: day.stage.good("GET", agent)["status"] == "error", 20, "an error")
    assert "outside this host's networks" in day.stage.good("GET", agent)["error"]
    assert tcp(day.stage.lab, "visitor", ADDRESSES["gw1"], day.ports["tcp"], "hi") == "home:hi"
    day.stage.good("DELETE", f"/tunnels/{made['id']}")
    day.stage.settled()


def test_a_key_in_use_twice_is_the_newer_hosts(day: Day) -> None:
    before = len(day.stage.log("home"))
    second = day.stage.lab.start(
        "ca",
        day.processes["home"].args[5],
        f"{day.stage.root('home')}/usr/local/lib/htmlgame-tunnel/htmlgame-tunnel-agent.pyz",
        "agent",
        "--state-dir",
        f"{day.stage.lab.folder}/state-second",
        "--interface",
        day.stage.wg("ca"),
        log="second.log",
        API_KEY=day.agent["apiKey"],
        CONTROL_URL=day.stage.site,
    )
    until(lambda: "another host uses this API key" in day.stage.log("home")[before:], 30, "told")
    day.stage.lab.stop(second)
    day.stop("home")
    day.start("home")
    day.stage.settled(60)


def test_a_revoked_key_ends_its_connection_within_seconds(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(day.stage.log("home"))
    day.stage.good("POST", f"/agents/{day.agent['id']}/rotate-key")
    started = time.monotonic()
    refused = "the API key is unknown or revoked"
    until(lambda: refused in day.stage.log("home")[before:], 10, "the agent is refused")
    print(f"a revoked key is refused after {time.monotonic() - started:.2f} s")
    assert day.stage.good("GET", f"/agents/{day.agent['id']}")["status"] == "offline"
    with capsys.disabled():
        print(f"\nthe whole path of a tunnel took {time.monotonic() - day.started:.0f} s")


def test_three_hundred_agents_at_once_have_subnets_of_their_own(day: Day) -> None:
    """As the API creates them, for creators without hosts: nobody is sent each version."""
    table = TunnelTable(day.system.cloud.client("dynamodb"), table_name(day))
    creators = [str(uuid4()) for _ in range(3)]
    now_ms = time.time_ns() // 10**6

    def add(number: int) -> int:
        creator, fields = creators[number % 3], {"name": f"a{number}"}
        return table.create_agent(creator, new_key("agent"), now_ms, fields).number

    with ThreadPoolExecutor(32) as pool:
        numbers = list(pool.map(add, range(300)))
    assert len(set(numbers)) == 300
    taken = {each.number for creator in creators for each in table.agents(creator)}
    assert taken == set(numbers)
