"""The config messages of agents and gateways."""

import json
from typing import Any, Final

from lambdas.tunnels.records import Agent, Gateway, Network, Tunnel, network_of
from lambdas.tunnels.rules import WIREGUARD_PORT
from lambdas.tunnels.subnets import gateway_ip, subnet

MOST_FRAME_BYTES: Final = 28_000
"""API Gateway bills and sends frames of at most 32 KB."""

Json = dict[str, Any]


def config_for(host: Agent | Gateway, network: Network) -> Json:
    """The host's whole config. A disabled host gets one without peers."""
    data = _agent_data(host, network) if isinstance(host, Agent) else _gateway_data(host, network)
    return _envelope(network) | {"data": data}


def message_for(host: Agent | Gateway, network: Network) -> bytes:
    """The message to push. It names where to fetch what is too large or too secret for a frame."""
    sent = _encoded(config_for(host, network))
    if len(sent) <= MOST_FRAME_BYTES and not _has_certificates(host, network):
        return sent
    return _encoded(_envelope(network) | {"fetch": f"?version={network.version.number}"})


def _envelope(network: Network) -> Json:
    version = network.version
    return {"type": "config", "epoch": version.epoch, "version": version.number}


def _has_certificates(host: Agent | Gateway, network: Network) -> bool:
    return isinstance(host, Gateway) and any(each.chain for each in network.certificates)


def _agent_data(agent: Agent, network: Network) -> Json:
    gateways = [
        each
        for each in network.gateways
        if agent.enabled and each.enabled and each.public_key and each.public_ip
    ]
    return {
        "agent": {
            "id": agent.id,
            "name": agent.name,
            "virtualIp": agent.virtual_ip,
            "subnet": subnet(agent.number),
            "wireguardPublicKey": agent.public_key,
            "generation": agent.generation,
        },
        "gateways": [
            {
                "id": each.id,
                "publicIp": each.public_ip,
                "wireguardPublicKey": each.public_key,
                "virtualIp": gateway_ip(agent.number, each.octet),
                "port": WIREGUARD_PORT,
                "bootId": each.boot_id,
            }
            for each in gateways
        ],
        "tunnels": [
            {
                "id": each.id,
                "domain": each.domain,
                "protocol": each.protocol,
                "target": each.target,
                "port": each.port,
            }
            for each in network.tunnels
            if each.agent_id == agent.id and each.enabled and agent.enabled
        ],
    }


def _gateway_data(gateway: Gateway, network: Network) -> Json:
    agents = {
        each.id: each
        for each in network.agents
        if gateway.enabled and each.enabled and each.public_key
    }
    tunnels = [each for each in network.tunnels if each.enabled and each.agent_id in agents]
    return {
        "gateway": {
            "id": gateway.id,
            "name": gateway.name,
            "network": network_of(gateway.owner),
            "publicIp": gateway.public_ip,
            "wireguardPublicKey": gateway.public_key,
            "generation": gateway.generation,
            "port": WIREGUARD_PORT,
        },
        "agents": [
            {
                "id": each.id,
                "virtualIp": each.virtual_ip,
                "subnet": subnet(each.number),
                "gatewayIp": gateway_ip(each.number, gateway.octet),
                "wireguardPublicKey": each.public_key,
            }
            for each in agents.values()
        ],
        "tunnels": [_tunnel_data(each, agents[each.agent_id]) for each in tunnels],
        "certificates": [],
    }


def _tunnel_data(tunnel: Tunnel, agent: Agent) -> Json:
    return {
        "id": tunnel.id,
        "domain": tunnel.domain,
        "protocol": tunnel.protocol,
        "agentVirtualIp": agent.virtual_ip,
        "target": tunnel.target,
        "port": tunnel.port,
        "publicPort": tunnel.public_port,
        "proxyProtocol": tunnel.proxy_protocol,
    }


def _encoded(message: Json) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
