"""What a host allows: targets, ports, overlaps; and how it configures Caddy."""

import json
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hosts.tunnels.program import agent as program_agent
from hosts.tunnels.program import caddy as program_caddy
from hosts.tunnels.program import firewall, networks
from hosts.tunnels.program.agent import Agent
from hosts.tunnels.program.caddy import Caddy
from hosts.tunnels.program.errors import NotApplied
from hosts.tunnels.program.networks import Guard, Local, refuse_overlap
from hosts.tunnels.program.wireguard import Peer
from tests.e2e.hosts import caddy as installed_caddy

ADDRESSES = [
    {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},
    {"ifname": "eth0", "addr_info": [{"local": "192.168.1.10", "prefixlen": 24}]},
    {"ifname": "hg-agent", "addr_info": [{"local": "10.1.0.100", "prefixlen": 32}]},
]


@pytest.fixture(autouse=True)
def _networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "run", lambda *_: json.dumps(ADDRESSES))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.168.1.77", "::ffff:192.168.1.77"])
def test_targets_on_this_host_and_in_its_networks_are_allowed(address: str) -> None:
    assert Guard([], "hg-agent").allows(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "192.168.2.1", "10.1.0.1", "10.1.0.100", "2001:db8::1", "172.16.0.1"],
)
def test_others_are_not_until_the_owner_allows_them(address: str) -> None:
    assert not Guard([], "hg-agent").allows(address)
    assert Guard([address], "hg-agent").allows(address)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "fe80::1", "0.0.0.0",
     "224.0.0.1", "100.100.100.200", "::"],
)  # fmt: skip
def test_a_metadata_service_is_never_a_target_whatever_is_allowed(address: str) -> None:
    assert not Guard(["0.0.0.0/0", "::/0"], "hg-agent").allows(address)


def test_an_address_of_the_home_network_is_refused_with_the_way_out() -> None:
    local = networks.local_networks("hg-agent")
    assert [each.interface for each in local] == ["eth0"]
    refuse_overlap(["10.1.0.100", "10.1.0.1"], local)
    import ipaddress

    home = [Local("wlan0", ipaddress.ip_network("10.1.0.0/16"))]
    with pytest.raises(NotApplied, match=r"10\.1\.0\.1 is in this host's own network.*wlan0"):
        refuse_overlap(["10.1.0.1"], home)


def test_the_firewall_opens_the_ports_of_tunnels_and_nothing_else() -> None:
    rules = firewall.rules("hg-agent", [20000, 20002], [20001])
    assert "tcp dport { 20000, 20002 } accept" in rules
    assert "udp dport { 20001 } accept" in rules
    assert 'iifname "hg-agent" drop' in rules
    assert "dport" not in firewall.rules("hg-agent", [], [])


def test_nft_accepts_the_rules() -> None:
    if not firewall.available():
        pytest.skip("no nft: apt-get install nftables")
    for ports in ([], [20000]):
        done = subprocess.run(
            ["/usr/bin/env", "unshare", "-n", "nft", "-c", "-f", "-"],
            input=firewall.rules("hg-agent", ports, ports),
            text=True,
            capture_output=True,
            check=False,
        )
        if "Operation not permitted" in done.stderr:
            pytest.skip("no namespaces here")
        assert done.returncode == 0, done.stderr


def tunnel(domain: str = "a.example", **more: Any) -> dict[str, Any]:
    return {
        "id": "t",
        "domain": domain,
        "protocol": "http",
        "agentVirtualIp": "10.1.0.100",
        "target": "localhost:8080",
        "port": 20000,
        "publicPort": None,
        "proxyProtocol": False,
    } | more


@pytest.fixture
def caddy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Caddy:
    monkeypatch.setattr(program_caddy, "run", lambda *_: "v2.11.7 h1:abc")
    return Caddy(tmp_path, "caddy", http_port=80, https_port=443)


def test_caddy_keeps_streams_and_stores_no_private_key(caddy: Caddy) -> None:
    data = {"tunnels": [tunnel(), tunnel("", protocol="udp")], "certificates": []}
    config = caddy.config(data, "https://site/api/tunnels/challenge")
    assert config["admin"]["config"] == {"persist": False}
    assert config["admin"]["listen"].startswith("unix/")
    servers = config["apps"]["http"]["servers"]
    route, rest = servers["tls"]["routes"]
    [handler] = route["handle"]
    assert route["match"] == [{"host": ["a.example"]}]
    assert handler["stream_close_delay"] == "24h"
    assert handler["upstreams"] == [{"dial": "10.1.0.100:20000"}]
    assert rest["handle"][0]["status_code"] == 404
    challenge = servers["plain"]["routes"][0]["handle"][0]
    assert challenge["status_code"] == 302
    assert challenge["headers"]["Location"][0].startswith("https://site/api/tunnels/challenge/{")


def test_an_older_caddy_gets_no_option_that_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_caddy, "run", lambda *_: "2.6.2")
    older = Caddy(tmp_path, "caddy", http_port=80, https_port=443)
    config = older.config({"tunnels": [tunnel()], "certificates": []}, "https://site")
    [handler] = config["apps"]["http"]["servers"]["tls"]["routes"][0]["handle"]
    assert "stream_close_delay" not in handler


def test_the_real_caddy_accepts_the_config(caddy: Caddy, tmp_path: Path) -> None:
    data = {"tunnels": [tunnel(), tunnel("b.example", proxyProtocol=True)], "certificates": []}
    file = tmp_path / "config.json"
    file.write_text(json.dumps(caddy.config(data, "https://site/challenge")))
    done = subprocess.run(
        [installed_caddy(), "validate", "--config", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_agent_sorts_out_targets_and_keeps_their_neighbours() -> None:
    class Allows:
        allows = staticmethod(lambda address: address == "127.0.0.1")

    tunnels = [
        tunnel(),
        tunnel("b.example", target="8.8.8.8:80"),
        tunnel("c.example", target="[::1]:80"),
        tunnel("d.example", target="127.0.0.1:80"),
    ]
    sorted_out: Any = program_agent.Agent._sorted_out
    allowed, refused = sorted_out(Allows(), tunnels)
    assert [each["domain"] for each in allowed] == ["a.example", "d.example"]
    assert "b.example: target 8.8.8.8:80 is outside this host's networks" in refused[0]
    assert "--allow-target=8.8.8.8" in refused[0]
    assert len(refused) == 2


def test_a_gateway_that_never_answers_or_falls_silent_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = object.__new__(Agent)
    made._met = {}
    made._peers = [
        Peer("a", "10.1.0.1", "203.0.113.1:51820"),
        Peer("b", "10.1.0.2", "203.0.113.2:51820"),
    ]
    met, now = {"a": 0, "b": 5}, [100.0]
    made.wireguard = SimpleNamespace(handshakes=lambda: met)  # type: ignore[assignment]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    assert made.complaint() == ""
    now[0] += 30
    assert "203.0.113.1:51820" in made.complaint()
    assert "203.0.113.2" not in made.complaint()
    met["a"] = 9
    assert made.complaint() == ""
    now[0] += 210
    met["b"] = 7
    assert "203.0.113.1:51820" in made.complaint()
    assert "203.0.113.2" not in made.complaint()
