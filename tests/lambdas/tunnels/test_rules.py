"""What creators and hosts may send, as the specification and safety have it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.http.errors import Malformed
from lambdas.tunnels import rules
from lambdas.tunnels.api_keys import digest, is_key, new_key
from lambdas.tunnels.changes import new_agent, new_gateway, new_tunnel
from lambdas.tunnels.subnets import (
    BLOCKS,
    LAST,
    block_of,
    gateway_ip,
    numbers_of,
    subnet,
    virtual_ip,
)


def test_the_first_254_subnets_are_those_of_the_specification_and_all_65024_differ() -> None:
    assert [subnet(n) for n in range(1, 255)] == [f"10.{n}.0.0/24" for n in range(1, 255)]
    assert (subnet(255), virtual_ip(3), gateway_ip(3, 2)) == (
        "10.1.1.0/24",
        "10.3.0.100",
        "10.3.0.2",
    )
    assert LAST == 65_024
    assert len({subnet(n) for n in range(1, LAST + 1)}) == LAST
    for number in (0, LAST + 1):
        with pytest.raises(ValueError, match="not from 1 to 65024"):
            subnet(number)


def test_blocks_share_out_every_number_once() -> None:
    numbers = [number for block in range(BLOCKS) for number in numbers_of(block)]
    assert numbers == list(range(1, LAST + 1))
    assert all(block_of(number) == block for block in (0, 7, 255) for number in numbers_of(block))


def test_keys_have_the_form_of_the_specification_and_are_never_alike() -> None:
    agent, gateway = new_key("agent"), new_key("gateway")
    assert agent.startswith("agt_")
    assert gateway.startswith("gtw_")
    assert len(agent) == len(gateway) == 36
    assert is_key(agent)
    assert len({new_key("agent") for _ in range(1000)}) == 1000
    assert len(digest(agent)) == 64
    for unfit in (None, "", agent[:-1], agent + "a", agent.upper(), "xyz_" + agent[4:]):
        assert not is_key(unfit)


@pytest.mark.parametrize("name", ["home-server", "a", "A_9", "x" * 64])
def test_names_that_fit(name: str) -> None:
    assert rules.name(name) == name


@pytest.mark.parametrize("name", ["", "x" * 65, "two words", "ä", "a.b", "a\n", None, 7])
def test_names_that_do_not(name: object) -> None:
    with pytest.raises(Malformed, match=r"^name: not 1 to 64 letters"):
        rules.name(name)


@pytest.mark.parametrize(
    "domain", ["app.example.com", "a.b", "xn--bcher-kva.example", "1.example", f"{'a' * 63}.com"]
)
def test_domains_that_fit(domain: str) -> None:
    assert rules.domain(domain) == domain
    assert rules.domain(domain.upper()) == domain


@pytest.mark.parametrize(
    ("domain", "problem"),
    [
        ("localhost", "is no domain"),
        ("192.168.1.1", "is no domain"),
        ("-a.example", "is no domain"),
        ("a-.example", "is no domain"),
        ("a..example", "is no domain"),
        ("app.example.com.", "is no domain"),
        ("app.example.com\n", "is no domain"),
        ("app.example.com:443", "is no domain"),
        ("a_b.example.com", "is no domain"),
        (f"{'a' * 64}.com", "is no domain"),
        (".".join(["aaaa"] * 60), "is no domain"),
        ("*.example.com", "wildcard"),
        ("bücher.example", "xn--"),
        (None, "missing"),
    ],
)
def test_domains_that_do_not(domain: object, problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        rules.domain(domain)


@pytest.mark.parametrize(
    "target", ["localhost:8080", "192.168.1.10:3000", "[::1]:80", "nas.local:1", "my_pc:65535"]
)
def test_targets_that_fit(target: str) -> None:
    assert rules.target(target) == target


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("localhost", "a host and a port"),
        ("localhost:", "a host and a port"),
        (":80", "a host and a port"),
        ("http://localhost:80", "a host and a port"),
        ("localhost:80/path", "a host and a port"),
        ("localhost:0", "not from 1 to 65535"),
        ("localhost:65536", "not from 1 to 65535"),
        ("localhost:٨٠", "a host and a port"),
        ("127.1:80", "not an IP address"),
        ("2852039166:80", "not an IP address"),
        ("169.254.169.254:80", "metadata"),
        ("169.254.0.9:80", "metadata"),
        ("[::ffff:169.254.169.254]:80", "metadata"),
        ("[fd00:ec2::254]:80", "metadata"),
        ("[fe80::1]:80", "metadata"),
        ("100.100.100.200:80", "metadata"),
        ("metadata.google.internal:80", "metadata"),
        ("METADATA.google.internal.:80", "host name|metadata"),
        ("0.0.0.0:80", "no host's address"),
        ("[::]:80", "no host's address"),
        ("224.0.0.1:80", "no host's address"),
        ("255.255.255.255:80", "no host's address"),
        ("a b:80", "a host and a port"),
        ("-a:80", "host name"),
        (None, "a host and a port"),
    ],
)
def test_targets_that_do_not(target: object, problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        rules.target(target)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "0.0.0.0", "224.0.0.1", "169.254.1.1", "::1", "1.2.3", "", None]
)
def test_public_addresses_that_do_not_fit(address: object) -> None:
    with pytest.raises(Malformed, match=r"^publicIp: "):
        rules.public_ip(address)


def test_a_public_key_is_32_bytes_in_canonical_base64() -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    assert rules.public_key(key) == key
    zero = base64.b64encode(bytes(32)).decode()
    for unfit in (None, "", key[:-1], key + "=", key[:-2] + "9=", zero, " " + key):
        with pytest.raises(Malformed, match=r"^publicKey: "):
            rules.public_key(unfit)


@given(st.text(max_size=80))
def test_no_text_breaks_a_rule(text: str) -> None:
    for rule in (rules.name, rules.domain, rules.target, rules.public_ip, rules.public_key):
        try:
            assert isinstance(rule(text), str)
        except Malformed:
            continue


def test_what_a_host_says_of_itself_is_bounded_and_shown_without_control_characters() -> None:
    assert rules.metadata({"version": "1\x1b[31m\ud800" + "x" * 200})["version"].startswith("1[31m")
    assert len(rules.metadata({"version": "x" * 200})["version"]) == 100
    unfits: list[object] = [[], {"a b": "c"}, {"a": 1}, {str(n): "" for n in range(13)}]
    for unfit in unfits:
        with pytest.raises(Malformed, match=r"^metadata: "):
            rules.metadata(unfit)
    assert rules.error_text(None) == "no reason given"


def test_a_tunnel_has_either_a_domain_or_a_port() -> None:
    agent = b'"agentId": "0190a5b0-0000-7000-8000-00000000cafe"'
    made = new_tunnel(b'{%s, "domain": "App.example.com", "target": "localhost:8080"}' % agent)
    assert (made["domain"], made["protocol"], made["enabled"]) == ("app.example.com", "http", True)
    for more, problem in [
        (b'"target": "localhost:1"', "domain: missing"),
        (b'"target": "localhost:1", "protocol": "tcp", "domain": "a.b"', "by its port"),
        (b'"target": "localhost:1", "domain": "a.b", "publicPort": 2000', "80 and 443"),
        (b'"target": "localhost:1", "protocol": "udp", "proxyProtocol": true', "udp has none"),
        (b'"target": "localhost:1", "protocol": "tcp", "publicPort": 51820', "WireGuard's own"),
        (b'"target": "localhost:1", "protocol": "tcp", "publicPort": 80', "1024 to 65535"),
        (b'"target": "localhost:1", "protocol": "sctp"', "not one of http, tcp, udp"),
        (b'"domain": "a.b"', "target: not a host"),
    ]:
        with pytest.raises(Malformed, match=problem):
            new_tunnel(b"{%s, %s}" % (agent, more))
    with pytest.raises(Malformed, match="agentId: missing"):
        new_tunnel(b"{}")


def test_hosts_are_named_and_gateways_may_have_an_address() -> None:
    assert new_agent(b'{"name": "home"}') == {"name": "home"}
    with pytest.raises(Malformed, match="name: not"):
        new_agent(b"{}")
    with pytest.raises(Malformed, match="unknown"):
        new_agent(b'{"name": "home", "subnet": "10.9.0.0/24"}')
    assert new_gateway(b'{"name": "g", "publicIp": "203.0.113.7", "region": "tokyo"}') == {
        "name": "g",
        "public_ip": "203.0.113.7",
        "fixed_ip": True,
        "region": "tokyo",
    }
