"""Config messages: small enough for a frame, or a pointer to the whole."""

import json
from dataclasses import replace

import pytest

from lambdas.tunnels.configs import MOST_FRAME_BYTES, config_for, message_for
from lambdas.tunnels.records import Agent, Certificate, Gateway, Network, Tunnel, Version

FRAME = 32 * 1024
MADE = "2026-11-27T12:00:00.000Z"
AGENT = Agent(
    id="a", owner="o", name="home", key="k", created_at=MADE, updated_at=MADE, number=300,
    public_key="A" * 44,
)  # fmt: skip
GATEWAY = Gateway(
    id="g", owner="o", name="vps", key="k", created_at=MADE, updated_at=MADE, octet=7,
    public_ip="203.0.113.7", public_key="G" * 44,
)  # fmt: skip


def tunnel(number: int) -> Tunnel:
    return Tunnel(
        id=f"0190a5b0-0000-7000-8000-{number:012d}",
        owner="o",
        agent_id="a",
        protocol="http",
        domain=f"name-{number}.example.com",
        target="localhost:8080",
        port=20_000 + number,
        public_port=None,
        enabled=True,
        proxy_protocol=False,
        description="",
        created_at=MADE,
        updated_at=MADE,
    )


def network(tunnels: int) -> Network:
    return Network(
        version=Version("e", 9),
        agents=(AGENT,),
        gateways=(GATEWAY,),
        tunnels=tuple(map(tunnel, range(tunnels))),
    )


def test_a_message_is_never_larger_than_a_frame_whatever_the_network() -> None:
    whole = 0
    for number in range(0, 400, 20):
        message = message_for(GATEWAY, network(number))
        assert len(message) <= MOST_FRAME_BYTES < FRAME
        whole += "data" in json.loads(message)
    assert 5 <= whole < 20


def test_certificates_are_never_in_a_message() -> None:
    issued = Certificate(domain="name-0.example.com", state="issued", chain="chain", serial="1")
    with_one = replace(network(1), certificates=(issued,))
    message = json.loads(message_for(GATEWAY, with_one))
    assert message["fetch"] == "?version=9"
    assert "data" in json.loads(message_for(AGENT, with_one))


@pytest.mark.parametrize("off", ["agent", "gateway", "tunnel"])
def test_whatever_is_switched_off_is_in_no_config(off: str) -> None:
    agent = replace(AGENT, enabled=off != "agent")
    gateway = replace(GATEWAY, enabled=off != "gateway")
    made = replace(
        network(1),
        agents=(agent,),
        gateways=(gateway,),
        tunnels=(replace(tunnel(0), enabled=off != "tunnel"),),
    )
    of_agent, of_gateway = (config_for(each, made)["data"] for each in (agent, gateway))
    assert (of_agent["gateways"] == []) == (off != "tunnel")
    assert (of_agent["tunnels"] == []) == (off in {"agent", "tunnel"})
    assert of_gateway["tunnels"] == []
    assert (of_gateway["agents"] == []) == (off != "tunnel")


def test_addresses_are_those_of_the_agents_subnet() -> None:
    of_agent, of_gateway = (config_for(each, network(1))["data"] for each in (AGENT, GATEWAY))
    assert of_agent["agent"]["subnet"] == "10.46.1.0/24"
    assert of_agent["gateways"][0]["virtualIp"] == "10.46.1.7"
    assert of_gateway["agents"][0]["gatewayIp"] == "10.46.1.7"
    assert of_gateway["tunnels"][0]["agentVirtualIp"] == "10.46.1.100"
