"""Agents, gateways and tunnels, as rules and answers see them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

from lambdas.shared.values.clock import iso
from lambdas.tunnels.api_keys import Kind
from lambdas.tunnels.subnets import subnet, virtual_ip

Status = Literal["online", "offline", "error"]

SILENT_SECONDS: Final = 600
"""A connection without a heartbeat for so long is gone, though no disconnect was seen."""


@dataclass(frozen=True, slots=True)
class Version:
    """The state of a creator's network. The epoch changes where the count starts again."""

    epoch: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A host's connection, and what the host last said over it."""

    connection: str = ""
    seen_s: int = 0
    acked: Version | None = None
    error: str = ""
    received: int = 0
    """Bytes over WireGuard, since the host's program began."""
    sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What agents and gateways have in common."""

    kind: ClassVar[Kind]

    id: str
    owner: str
    name: str
    key: str
    """The digest of its API key."""
    created_at: str
    updated_at: str
    enabled: bool = True
    public_key: str | None = None
    generation: int = 0
    """A host whose WireGuard key is of an older generation makes a new one."""
    boot_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    link: Link = Link()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Host):
    kind: ClassVar[Kind] = "agent"
    number: int
    """Of its subnet."""

    @property
    def virtual_ip(self) -> str:
        return virtual_ip(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway(Host):
    kind: ClassVar[Kind] = "gateway"
    octet: int
    """Its last octet in every agent's subnet."""
    public_ip: str | None = None
    fixed_ip: bool = False
    """Whether a person set the address. Otherwise the gateway's own connection shows it."""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    id: str
    owner: str
    agent_id: str
    protocol: str
    domain: str | None
    target: str
    port: int
    """At the agent's own address, where the gateway reaches it."""
    public_port: int | None
    enabled: bool
    proxy_protocol: bool
    description: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate's state. The vault has its private key."""

    domain: str
    state: Literal["waiting", "issued", "failed"]
    chain: str = ""
    serial: str = ""
    expires_s: int = 0
    renew_s: int = 0
    """When to renew it."""
    retry_s: int = 0
    """When to try again after a failure."""
    failures: int = 0
    problem: str = ""
    refused: bool = False
    """Whether the authority itself refused, so that the pause is its own to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """All that belongs to one creator, read at one version or later."""

    version: Version
    agents: tuple[Agent, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    tunnels: tuple[Tunnel, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    closing: tuple[str, ...] = ()
    """Connections of revoked keys, which are to be closed."""

    def host(self, kind: Kind, host_id: str) -> Agent | Gateway | None:
        hosts = self.agents if kind == "agent" else self.gateways
        return next((each for each in hosts if each.id == host_id), None)


_NO_ADDRESS: Final = (
    "publicIp: it connects from an IPv6 address, and agents need its IPv4 address; fix: set "
    "publicIp, or install it again with --public-ip=ADDRESS"
)


def network_of(owner: str) -> str:
    """The public name of a creator's network, in the addresses of its challenges."""
    return hashlib.sha256(f"network {owner}".encode()).hexdigest()[:32]


def status(host: Host, now_s: int) -> Status:
    if not host.link.connection or now_s - host.link.seen_s > SILENT_SECONDS:
        return "offline"
    return "error" if host.link.error else "online"


def agent_json(agent: Agent, now_s: int) -> dict[str, Any]:
    return _host_json(agent, now_s) | {
        "virtualIp": agent.virtual_ip,
        "subnet": subnet(agent.number),
    }


def gateway_json(gateway: Gateway, now_s: int) -> dict[str, Any]:
    shown = _host_json(gateway, now_s) | {
        "publicIp": gateway.public_ip,
        "region": gateway.region or None,
    }
    if gateway.public_ip is None and shown["status"] == "online":
        shown |= {"status": "error", "error": _NO_ADDRESS}
    return shown


def _host_json(host: Host, now_s: int) -> dict[str, Any]:
    return {
        "id": host.id,
        "name": host.name,
        "enabled": host.enabled,
        "wireguardPublicKey": host.public_key,
        "status": status(host, now_s),
        "error": host.link.error or None,
        "appliedVersion": host.link.acked.number if host.link.acked else None,
        "lastSeenAt": iso(host.link.seen_s * 1000) if host.link.seen_s else None,
        "traffic": {"received": host.link.received, "sent": host.link.sent},
        "metadata": dict(host.metadata),
        "createdAt": host.created_at,
        "updatedAt": host.updated_at,
    }


def tunnel_json(tunnel: Tunnel, certificate: Certificate | None = None) -> dict[str, Any]:
    return {
        "id": tunnel.id,
        "domain": tunnel.domain,
        "agentId": tunnel.agent_id,
        "protocol": tunnel.protocol,
        "target": tunnel.target,
        "publicPort": tunnel.public_port,
        "enabled": tunnel.enabled,
        "proxyProtocol": tunnel.proxy_protocol,
        "description": tunnel.description or None,
        "certificate": None if certificate is None else certificate_json(certificate),
        "createdAt": tunnel.created_at,
        "updatedAt": tunnel.updated_at,
    }


def dns_json(
    domain: str, gateways: Sequence[Gateway], seen: Sequence[str] | None
) -> dict[str, Any]:
    """`fits` is null where nothing is known. One address elsewhere makes orders fail."""
    wanted = sorted(str(each.public_ip) for each in gateways)
    fits = None if seen is None else bool(seen) and set(seen) <= set(wanted)
    return {"domain": domain, "wanted": wanted, "seen": seen, "fits": fits}


def certificate_json(certificate: Certificate) -> dict[str, Any]:
    return {
        "state": certificate.state,
        "serial": certificate.serial or None,
        "expiresAt": iso(certificate.expires_s * 1000) if certificate.expires_s else None,
        "problem": certificate.problem or None,
        "retryAt": iso(certificate.retry_s * 1000) if certificate.retry_s else None,
    }
