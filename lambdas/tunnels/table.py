"""How the TunnelTable stores hosts, tunnels and certificates.

| PK                 | SK                  | holds                                          |
|--------------------|---------------------|------------------------------------------------|
| O#{creator}        | V                   | the version of the creator's network, counts   |
| O#{creator}        | A#{id}, G#{id}      | an agent, a gateway                            |
| O#{creator}        | T#{id}              | a tunnel                                       |
| O#{creator}        | C#{domain}          | a certificate                                  |
| O#{creator}        | I#{ip}, W#{octet}   | what a gateway has for itself                  |
| O#{creator}        | P#{protocol}#{port} | the tunnel that has a port on the gateways     |
| O#{creator}        | Z#{connection}      | a connection that is to be closed              |
| KEY#{digest}       | -                   | the host that an API key belongs to            |
| DOMAIN#{domain}    | -                   | the creator who has proven to have the domain  |
| SUBNETS#{block}    | {number}            | the agent that has a subnet                    |
| CERTS              | {creator}#{domain}  | a tunnel's domain; when the certificate is due |
| ACME#{network}#{domain} | {token}        | the answer to a challenge                      |
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from lambdas.shared.dynamo.items import Item, unpacked
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.dynamo.transactions import Write
from lambdas.shared.http.errors import Busy
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import uuid7
from lambdas.tunnels.api_keys import Kind, digest
from lambdas.tunnels.errors import (
    AddressTaken,
    AgentInUse,
    DomainTaken,
    NoSubnetLeft,
    PortTaken,
    TooManyHosts,
    TooManyTunnels,
    UnknownHost,
    UnknownTunnel,
)
from lambdas.tunnels.records import (
    Agent,
    Certificate,
    Gateway,
    Host,
    Link,
    Network,
    Tunnel,
    Version,
    network_of,
)
from lambdas.tunnels.rules import FIRST_PUBLIC_PORT
from lambdas.tunnels.subnets import (
    BLOCKS,
    FREE_AGAIN_SECONDS,
    LAST,
    MOST_GATEWAYS,
    block_of,
    numbers_of,
)

MOST_AGENTS: Final = 1_000
MOST_TUNNELS: Final = 1_000
FIRST_PORT: Final = 20_000
PORTS: Final = 40_000
CHALLENGE_SECONDS: Final = 3_600
_CLOSING_SECONDS: Final = 7_500
"""Longer than any connection lasts."""
_TRIES: Final = 30
_FIRST_PAUSE_SECONDS: Final = 0.01
_LONGEST_PAUSE_SECONDS: Final = 0.4
_MOST_CANDIDATES: Final = 64
_VERSION: Final = "V"
_LETTERS: Final[dict[Kind, str]] = {"agent": "A#", "gateway": "G#"}

Done = TypeVar("Done")
_random: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The host that an API key belongs to."""

    owner: str
    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class DueCertificate:
    owner: str
    domain: str
    due_s: int
    expires_s: int = 0
    serial: str = ""


class TunnelTable(MeteredTable):
    wait: Callable[[float], None] = staticmethod(time.sleep)

    # Keys

    def holder(self, key: str) -> KeyHolder | None:
        item = self._get(_key(f"KEY#{digest(key)}", "-"), consistent=True)
        return None if item is None else KeyHolder(item["owner"], item["kind"], item["id"])

    # The network

    def network(self, owner: str) -> Network:
        """Everything of the creator, never older than its version says."""
        version = self.version(owner)
        items = [
            item
            for page in self._pages(
                {
                    "KeyConditionExpression": "PK = :pk",
                    "ExpressionAttributeValues": {":pk": _partition(owner)},
                    "ConsistentRead": True,
                }
            )
            for item in page.items
        ]
        return Network(
            version=version,
            agents=tuple(_agent(each) for each in items if each["SK"].startswith("A#")),
            gateways=tuple(_gateway(each) for each in items if each["SK"].startswith("G#")),
            tunnels=tuple(_tunnel(each) for each in items if each["SK"].startswith("T#")),
            certificates=tuple(_certificate(each) for each in items if each["SK"].startswith("C#")),
            closing=tuple(each["SK"][2:] for each in items if each["SK"].startswith("Z#")),
        )

    def version(self, owner: str) -> Version:
        item = self._get(_key(_partition(owner), _VERSION), consistent=True)
        return Version("", 0) if item is None else Version(item["epoch"], item["n"])

    # Agents

    def agents(self, owner: str) -> list[Agent]:
        return [_agent(item) for item in self._listed(owner, "A#")]

    def agent(self, owner: str, agent_id: str) -> Agent:
        return _agent(self._host_item(owner, "agent", agent_id))

    def create_agent(self, owner: str, key: str, now_ms: int, fields: Item) -> Agent:
        """Takes a free subnet in the same transaction, so a crash leaves none without an agent."""
        now_s, agent_id = now_ms // 1000, uuid7(now_ms)

        def attempt(tried: int) -> Agent | None:
            number = self._free_subnet(now_s, _MOST_CANDIDATES if tried else 1)
            agent = Agent(
                id=agent_id,
                owner=owner,
                key=digest(key),
                number=number,
                created_at=iso(now_ms),
                updated_at=iso(now_ms),
                **fields,
            )
            failed = self._together(
                self._counted(owner, "agents", 1, MOST_AGENTS),
                self._take_subnet(number, agent, now_s),
                self._new(_agent_item(agent)),
                self._new(_key_item(agent, "agent")),
            )
            if failed == 0:
                raise TooManyHosts("agent", MOST_AGENTS)
            return agent if failed is None else None

        return self._retried(attempt)

    def _free_subnet(self, now_s: int, candidates: int) -> int:
        """One of the lowest free ones. After a conflict one of several, to part the writers."""
        for block in range(BLOCKS):
            used = self._used_subnets(block, now_s)
            free = [number for number in numbers_of(block) if number not in used]
            if free:
                return _random.choice(free[:candidates])
        raise NoSubnetLeft(LAST)

    def _used_subnets(self, block: int, now_s: int) -> set[int]:
        pages = self._pages(
            {
                "KeyConditionExpression": "PK = :pk",
                "FilterExpression": "attribute_not_exists(released) OR released > :before",
                "ProjectionExpression": "SK",
                "ExpressionAttributeValues": {
                    ":pk": f"SUBNETS#{block:03d}",
                    ":before": now_s - FREE_AGAIN_SECONDS,
                },
                "ConsistentRead": True,
            }
        )
        return {int(item["SK"]) for page in pages for item in page.items}

    def _take_subnet(self, number: int, agent: Agent, now_s: int) -> Write:
        item = {**_subnet_key(number), "owner": agent.owner, "agent": agent.id}
        return {
            "Put": {
                "TableName": self._name,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(PK) OR released <= :before",
                "ExpressionAttributeValues": {":before": now_s - FREE_AGAIN_SECONDS},
            }
        }

    def delete_agent(self, owner: str, agent_id: str, now_ms: int) -> None:
        def attempt(_: int) -> bool | None:
            agent = self.agent(owner, agent_id)
            released = {
                "Update": {
                    "TableName": self._name,
                    "Key": _subnet_key(agent.number),
                    "UpdateExpression": "SET released = :now",
                    "ConditionExpression": "#agent = :agent",
                    "ExpressionAttributeNames": {"#agent": "agent"},
                    "ExpressionAttributeValues": {":now": now_ms // 1000, ":agent": agent.id},
                }
            }
            gone = self._host_gone(agent, "agent", "tunnels = :zero", {":zero": 0})
            failed = self._together(
                self._counted(owner, "agents", -1),
                gone,
                self._key_gone(agent),
                released,
                *self._closing(agent, now_ms),
            )
            if failed == 1:
                item = self._host_item(owner, "agent", agent_id)
                if item.get("tunnels", 0):
                    raise AgentInUse
            return None if failed is not None else True

        self._retried(attempt)

    # Gateways

    def gateways(self, owner: str) -> list[Gateway]:
        return [_gateway(item) for item in self._listed(owner, "G#")]

    def gateway(self, owner: str, gateway_id: str) -> Gateway:
        return _gateway(self._host_item(owner, "gateway", gateway_id))

    def create_gateway(self, owner: str, key: str, now_ms: int, fields: Item) -> Gateway:
        gateway_id = uuid7(now_ms)

        def attempt(tried: int) -> Gateway | None:
            used = {int(each["SK"][2:]) for each in self._listed(owner, "W#")}
            free = [each for each in range(1, MOST_GATEWAYS + 1) if each not in used]
            if not free:
                raise TooManyHosts("gateway", MOST_GATEWAYS)
            octet = _random.choice(free[: min(2**tried, _MOST_CANDIDATES)])
            gateway = Gateway(
                id=gateway_id,
                owner=owner,
                key=digest(key),
                octet=octet,
                created_at=iso(now_ms),
                updated_at=iso(now_ms),
                **fields,
            )
            writes = [
                self._counted(owner, "gateways", 1),
                self._new(_key(_partition(owner), f"W#{octet}")),
                self._new(_gateway_item(gateway)),
                self._new(_key_item(gateway, "gateway")),
            ]
            if gateway.public_ip:
                writes.append(self._take_address(gateway, gateway.public_ip))
            failed = self._together(*writes)
            if failed == 4:
                raise AddressTaken(str(gateway.public_ip))
            return gateway if failed is None else None

        return self._retried(attempt)

    def delete_gateway(self, owner: str, gateway_id: str, now_ms: int) -> None:
        def attempt(_: int) -> bool | None:
            gateway = self.gateway(owner, gateway_id)
            writes = [
                self._counted(owner, "gateways", -1),
                self._host_gone(gateway, "gateway", *_same_address(gateway)),
                self._key_gone(gateway),
                self._gone(_key(_partition(owner), f"W#{gateway.octet}")),
                *self._closing(gateway, now_ms),
            ]
            if gateway.public_ip:
                writes.append(self._gone(_address_key(owner, gateway.public_ip)))
            return None if self._together(*writes) is not None else True

        self._retried(attempt)

    def _take_address(self, gateway: Gateway, address: str) -> Write:
        return {
            "Put": {
                "TableName": self._name,
                "Item": {**_address_key(gateway.owner, address), "gateway": gateway.id},
                "ConditionExpression": "attribute_not_exists(PK) OR gateway = :gateway",
                "ExpressionAttributeValues": {":gateway": gateway.id},
            }
        }

    # Both

    def change_host(
        self, owner: str, kind: Kind, host_id: str, now_ms: int, changed: Callable[[Any], Any]
    ) -> Agent | Gateway:
        """Applies the change to the host as it is now. A gateway may take another address."""

        def attempt(_: int) -> Any:
            item = self._host_item(owner, kind, host_id)
            before: Agent | Gateway = _agent(item) if kind == "agent" else _gateway(item)
            after: Any = changed(before)
            writes = [self._counted(owner), self._host_changed(before, after, kind, now_ms)]
            moved = isinstance(before, Gateway) and before.public_ip != after.public_ip
            taking = moved and after.public_ip
            if taking:
                writes.insert(1, self._take_address(after, after.public_ip))
            if moved and isinstance(before, Gateway) and before.public_ip:
                writes.append(self._gone(_address_key(owner, before.public_ip)))
            failed = self._together(*writes)
            if failed == 1 and taking:
                raise AddressTaken(after.public_ip)
            return after if failed is None else None

        host: Agent | Gateway = self._retried(attempt)
        return host

    def _host_changed(
        self, before: Agent | Gateway, after: Agent | Gateway, kind: Kind, now_ms: int
    ) -> Write:
        """Writes definitions only. The connection's own writes go on beside it."""
        sets = {
            "name": after.name,
            "enabled": after.enabled,
            "publicKey": after.public_key,
            "generation": after.generation,
            "bootId": after.boot_id,
            "metadata": dict(after.metadata),
            "updatedAt": iso(now_ms),
        }
        if isinstance(after, Gateway):
            sets |= {
                "publicIp": after.public_ip,
                "fixedIp": after.fixed_ip,
                "region": after.region,
            }
        names = {f"#{each}": each for each in sets}
        condition = "attribute_exists(PK) AND updatedAt = :before"
        values = {f":{each}": value for each, value in sets.items()}
        return {
            "Update": {
                "TableName": self._name,
                "Key": _host_key(before, kind),
                "UpdateExpression": "SET " + ", ".join(f"#{each} = :{each}" for each in sets),
                "ConditionExpression": condition,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values | {":before": before.updated_at},
            }
        }

    def rotate_key(self, owner: str, kind: Kind, host_id: str, key: str, now_ms: int) -> None:
        """Revokes the old key, and has its connection closed."""

        def attempt(_: int) -> bool | None:
            item = self._host_item(owner, kind, host_id)
            host: Agent | Gateway = _agent(item) if kind == "agent" else _gateway(item)
            update = {
                "Update": {
                    "TableName": self._name,
                    "Key": _host_key(host, kind),
                    "UpdateExpression": "SET #key = :key REMOVE conn",
                    "ConditionExpression": "#key = :before",
                    "ExpressionAttributeNames": {"#key": "key"},
                    "ExpressionAttributeValues": {":key": digest(key), ":before": host.key},
                }
            }
            item_of_key = {**_key(f"KEY#{digest(key)}", "-"), "owner": owner, "kind": kind}
            failed = self._together(
                self._counted(owner),
                update,
                self._key_gone(host),
                self._new(item_of_key | {"id": host.id}),
                *self._closing(host, now_ms),
            )
            return None if failed is not None else True

        self._retried(attempt)

    def _closing(self, host: Host, now_ms: int) -> list[Write]:
        if not host.link.connection:
            return []
        item = _key(_partition(host.owner), f"Z#{host.link.connection}")
        expires = {"expires": now_ms // 1000 + _CLOSING_SECONDS}
        return [{"Put": {"TableName": self._name, "Item": item | expires}}]

    def closed(self, owner: str, connection: str) -> None:
        self._delete(_key(_partition(owner), f"Z#{connection}"))

    # Connections

    def connected(self, holder: KeyHolder, key: str, connection: str, now_s: int) -> str | None:
        """The connection that this one replaces, or an empty text. None for a revoked key."""
        try:
            before = self._update(
                _holder_key(holder),
                UpdateExpression="SET conn = :conn, seen = :now REMOVE acked, ackError",
                ConditionExpression="#key = :key",
                ExpressionAttributeNames={"#key": "key"},
                ExpressionAttributeValues={":conn": connection, ":now": now_s, ":key": key},
                ReturnValues="UPDATED_OLD",
            )
        except ConditionFailed:
            return None
        replaced = str(before.get("conn", ""))
        return "" if replaced == connection else replaced

    def disconnected(self, holder: KeyHolder, connection: str) -> bool:
        """Does nothing where the host has a newer connection."""
        return self._on(holder, connection, "REMOVE conn", {})

    def seen(
        self,
        holder: KeyHolder,
        connection: str,
        now_s: int,
        traffic: tuple[int, int] | None = None,
    ) -> bool:
        """With the bytes that the host has received and sent, where it says so."""
        if traffic is None:
            return self._on(holder, connection, "SET seen = :now", {":now": now_s})
        update = "SET seen = :now, received = :received, sent = :sent"
        values = {":now": now_s, ":received": traffic[0], ":sent": traffic[1]}
        return self._on(holder, connection, update, values)

    def acked(
        self, holder: KeyHolder, connection: str, version: Version, problem: str, now_s: int
    ) -> bool:
        """The host has applied this version, or says why not."""
        values = {
            ":now": now_s,
            ":acked": {"epoch": version.epoch, "n": version.number},
            ":problem": problem,
        }
        return self._on(
            holder, connection, "SET seen = :now, acked = :acked, ackError = :problem", values
        )

    def _on(self, holder: KeyHolder, connection: str, update: str, values: Item) -> bool:
        """False where this connection is not the host's any more."""
        try:
            self._update(
                _holder_key(holder),
                UpdateExpression=update,
                ConditionExpression="conn = :conn",
                ExpressionAttributeValues=values | {":conn": connection},
            )
        except ConditionFailed:
            return False
        return True

    # Tunnels

    def tunnels(self, owner: str) -> list[Tunnel]:
        return [_tunnel(item) for item in self._listed(owner, "T#")]

    def certificates(self, owner: str) -> dict[str, Certificate]:
        found = (_certificate(item) for item in self._listed(owner, "C#"))
        return {each.domain: each for each in found}

    def tunnel(self, owner: str, tunnel_id: str) -> Tunnel:
        item = self._get(_tunnel_key(owner, tunnel_id), consistent=True)
        if item is None:
            raise UnknownTunnel
        return _tunnel(item)

    def create_tunnel(self, owner: str, now_ms: int, fields: Item) -> Tunnel:
        tunnel_id = uuid7(now_ms)

        def attempt(tried: int) -> Tunnel | None:
            try:
                agent = self._host_item(owner, "agent", fields["agent_id"])
            except UnknownHost:
                raise UnknownHost("agent") from None
            given = dict(fields)
            if given["protocol"] != "http" and given["public_port"] is None:
                given["public_port"] = self._free_public_port(owner, given["protocol"], tried)
            next_port = agent.get("nextPort", 0)
            tunnel = Tunnel(
                id=tunnel_id,
                owner=owner,
                port=FIRST_PORT + next_port % PORTS,
                created_at=iso(now_ms),
                updated_at=iso(now_ms),
                **given,
            )
            self._refuse_anothers_domain(tunnel, now_ms // 1000)
            failed = self._together(
                self._counted(owner, "tunnels", 1, MOST_TUNNELS),
                self._one_more_tunnel(owner, tunnel.agent_id, next_port),
                self._new(_tunnel_item(tunnel)),
                self._claim(tunnel, now_ms // 1000),
            )
            if failed == 0:
                raise TooManyTunnels(MOST_TUNNELS)
            if failed == 3:
                self._refuse_claim(tunnel, asked=fields["public_port"])
            return tunnel if failed is None else None

        return self._retried(attempt)

    def _one_more_tunnel(self, owner: str, agent_id: str, next_port: int) -> Write:
        update = "SET nextPort = :next ADD tunnels :one"
        condition = "attribute_exists(PK) AND (nextPort = :port OR attribute_not_exists(nextPort))"
        return {
            "Update": {
                "TableName": self._name,
                "Key": _key(_partition(owner), f"A#{agent_id}"),
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": {
                    ":next": next_port + 1,
                    ":port": next_port,
                    ":one": 1,
                },
            }
        }

    def _free_public_port(self, owner: str, protocol: str, tried: int) -> int:
        used = {
            int(each["SK"].rpartition("#")[2]) for each in self._listed(owner, f"P#{protocol}#")
        }
        free = (port for port in range(FIRST_PUBLIC_PORT, 51_820) if port not in used)
        candidates = list(islice(free, min(2**tried, _MOST_CANDIDATES)))
        if not candidates:
            raise PortTaken(protocol, FIRST_PUBLIC_PORT)
        return _random.choice(candidates)

    def _claim(self, tunnel: Tunnel, now_s: int) -> Write:
        """What the tunnel has for itself among its creator's: its domain, or its port.

        Several creators can have tunnels with one domain. It leads to the gateways of one of them,
        and the others neither get a certificate nor see a visitor.
        """
        if tunnel.domain is not None:
            return self._new({**_due_key(tunnel.owner, tunnel.domain), "due": now_s})
        return self._new({**_port_key(tunnel), "tunnel": tunnel.id})

    def _unclaims(self, tunnel: Tunnel) -> list[Write]:
        if tunnel.domain is None:
            return [self._gone(_port_key(tunnel))]
        writes = [
            self._gone(_due_key(tunnel.owner, tunnel.domain)),
            self._gone(_certificate_key(tunnel.owner, tunnel.domain)),
        ]
        holding = self._get(_domain_key(tunnel.domain), consistent=True)
        if holding is not None and holding["owner"] == tunnel.owner:
            writes.append(self._holding_gone(tunnel.domain, tunnel.owner))
        return writes

    def _holding_gone(self, domain: str, owner: str) -> Write:
        return {
            "Delete": {
                "TableName": self._name,
                "Key": _domain_key(domain),
                "ConditionExpression": "#owner = :owner",
                "ExpressionAttributeNames": {"#owner": "owner"},
                "ExpressionAttributeValues": {":owner": owner},
            }
        }

    def _refuse_anothers_domain(self, tunnel: Tunnel, now_s: int) -> None:
        """Refuses a domain while the certificate of the creator who has proven it is valid.

        A creator who proves it between this look and the write has it. The other tunnel is idle.
        """
        if tunnel.domain is None:
            return
        holding = self._get(_domain_key(tunnel.domain), consistent=True) or {}
        if holding.get("owner", tunnel.owner) != tunnel.owner and holding["until"] > now_s:
            raise DomainTaken(tunnel.domain, iso(holding["until"] * 1000)[:10])

    def _refuse_claim(self, tunnel: Tunnel, *, asked: int | None) -> None:
        if tunnel.domain is not None:
            raise DomainTaken(tunnel.domain)
        if asked is not None:
            raise PortTaken(tunnel.protocol, asked)

    def change_tunnel(
        self, owner: str, tunnel_id: str, now_ms: int, changed: Callable[[Tunnel], Tunnel]
    ) -> Tunnel:
        def attempt(_: int) -> Tunnel | None:
            before = self.tunnel(owner, tunnel_id)
            after = changed(before)
            item = {**_tunnel_item(after), "updatedAt": iso(now_ms)}
            replaced: Write = {
                "Put": {
                    "TableName": self._name,
                    "Item": item,
                    "ConditionExpression": "updatedAt = :before",
                    "ExpressionAttributeValues": {":before": before.updated_at},
                }
            }
            writes = [self._counted(owner), replaced]
            moved = (before.domain, before.public_port) != (after.domain, after.public_port)
            if moved:
                self._refuse_anothers_domain(after, now_ms // 1000)
                writes += [self._claim(after, now_ms // 1000), *self._unclaims(before)]
            failed = self._together(*writes)
            if failed == 2:
                self._refuse_claim(after, asked=after.public_port)
            return _tunnel(item) if failed is None else None

        return self._retried(attempt)

    def delete_tunnel(self, owner: str, tunnel_id: str) -> None:
        def attempt(_: int) -> bool | None:
            tunnel = self.tunnel(owner, tunnel_id)
            fewer: Write = {
                "Update": {
                    "TableName": self._name,
                    "Key": _key(_partition(owner), f"A#{tunnel.agent_id}"),
                    "UpdateExpression": "ADD tunnels :less",
                    "ConditionExpression": "attribute_exists(PK)",
                    "ExpressionAttributeValues": {":less": -1},
                }
            }
            gone: Write = {
                "Delete": {
                    "TableName": self._name,
                    "Key": _tunnel_key(owner, tunnel_id),
                    "ConditionExpression": "updatedAt = :before",
                    "ExpressionAttributeValues": {":before": tunnel.updated_at},
                }
            }
            failed = self._together(
                self._counted(owner, "tunnels", -1), gone, fewer, *self._unclaims(tunnel)
            )
            return None if failed is not None else True

        self._retried(attempt)

    # Certificates

    def watched(self) -> list[DueCertificate]:
        """The certificates of all creators, whether or not they need work."""
        pages = self._pages(
            {
                "KeyConditionExpression": "PK = :pk",
                "ExpressionAttributeValues": {":pk": "CERTS"},
            }
        )
        return [_due(item) for page in pages for item in page.items]

    def claim_due(self, due: DueCertificate, until_s: int) -> bool:
        """Keeps other workers away until then. False where one was faster."""
        try:
            self._update(
                _due_key(due.owner, due.domain),
                UpdateExpression="SET due = :until",
                ConditionExpression="due = :due",
                ExpressionAttributeValues={":until": until_s, ":due": due.due_s},
            )
        except ConditionFailed:
            return False
        return True

    def put_due(self, owner: str, domain: str, due_s: int) -> bool:
        """False where the tunnel is gone."""
        try:
            self._update(
                _due_key(owner, domain),
                UpdateExpression="SET due = :due",
                ConditionExpression="attribute_exists(PK)",
                ExpressionAttributeValues={":due": due_s},
            )
        except ConditionFailed:
            return False
        return True

    def certificate(self, owner: str, domain: str) -> Certificate | None:
        item = self._get(_certificate_key(owner, domain), consistent=True)
        return None if item is None else _certificate(item)

    def put_certificate(
        self, owner: str, certificate: Certificate, due_s: int, *, proven: bool = False
    ) -> bool:
        """False where the tunnel is gone. `proven`: the domain leads to this creator's gateways."""
        holding = {
            **_domain_key(certificate.domain),
            "owner": owner,
            "until": certificate.expires_s,
        }
        proof: list[Write] = [{"Put": {"TableName": self._name, "Item": holding}}] if proven else []

        def attempt(_: int) -> bool | None:
            failed = self._together(
                self._counted(owner),
                {
                    "Update": {
                        "TableName": self._name,
                        "Key": _due_key(owner, certificate.domain),
                        "UpdateExpression": "SET due = :due, valid = :valid, serial = :serial",
                        "ConditionExpression": "attribute_exists(PK)",
                        "ExpressionAttributeValues": {
                            ":due": due_s,
                            ":valid": certificate.expires_s,
                            ":serial": certificate.serial,
                        },
                    }
                },
                {
                    "Put": {
                        "TableName": self._name,
                        "Item": _certificate_item(owner, certificate),
                    }
                },
                *proof,
            )
            return failed is None

        return self._retried(attempt)

    def put_challenge(self, owner: str, domain: str, token: str, answer: str, now_s: int) -> None:
        expires = now_s + CHALLENGE_SECONDS
        key = _challenge_key(network_of(owner), domain, token)
        self._put({**key, "answer": answer, "expires": expires})

    def challenge(self, network: str, domain: str, token: str, now_s: int) -> str | None:
        item = self._get(_challenge_key(network, domain, token), consistent=True)
        return str(item["answer"]) if item and item["expires"] > now_s else None

    # What the writes are made of

    def _retried(self, attempt: Callable[[int], Done | None]) -> Done:
        """Tries again where another write came first."""
        for tried in range(_TRIES):
            try:
                done = attempt(tried)
            except Busy:
                done = None
            if done is not None:
                return done
            pause = min(_FIRST_PAUSE_SECONDS * 2**tried, _LONGEST_PAUSE_SECONDS)
            self.wait(pause * _random.uniform(0.5, 1))
        raise Busy

    def _counted(self, owner: str, what: str = "", more: int = 0, most: int = 0) -> Write:
        """Raises the version of the network, with the number of what there is of one kind."""
        call: Item = {
            "TableName": self._name,
            "Key": _key(_partition(owner), _VERSION),
            "UpdateExpression": "SET epoch = if_not_exists(epoch, :epoch) ADD n :one",
            "ExpressionAttributeValues": {":epoch": uuid7(time.time_ns() // 10**6), ":one": 1},
        }
        if what:
            call["UpdateExpression"] += ", #what :more"
            call["ExpressionAttributeNames"] = {"#what": what}
            call["ExpressionAttributeValues"][":more"] = more
        if most:
            call["ConditionExpression"] = "attribute_not_exists(#what) OR #what < :most"
            call["ExpressionAttributeValues"][":most"] = most
        return {"Update": call}

    def _new(self, item: Item) -> Write:
        return {
            "Put": {
                "TableName": self._name,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(PK)",
            }
        }

    def _gone(self, key: Item) -> Write:
        return {"Delete": {"TableName": self._name, "Key": key}}

    def _key_gone(self, host: Host) -> Write:
        return self._gone(_key(f"KEY#{host.key}", "-"))

    def _host_gone(self, host: Agent | Gateway, kind: Kind, condition: str, values: Item) -> Write:
        conditions = ["#key = :key"]
        if condition:
            conditions.append(f"({condition})")
        return {
            "Delete": {
                "TableName": self._name,
                "Key": _host_key(host, kind),
                "ConditionExpression": " AND ".join(conditions),
                "ExpressionAttributeNames": {"#key": "key"},
                "ExpressionAttributeValues": values | {":key": host.key},
            }
        }

    def _host_item(self, owner: str, kind: Kind, host_id: str) -> Item:
        item = self._get(_key(_partition(owner), _LETTERS[kind] + host_id), consistent=True)
        if item is None:
            raise UnknownHost(kind)
        return item

    def host(self, holder: KeyHolder) -> Agent | Gateway:
        item = self._host_item(holder.owner, holder.kind, holder.id)
        return _agent(item) if holder.kind == "agent" else _gateway(item)

    def _listed(self, owner: str, letters: str) -> Iterator[Item]:
        pages = self._pages(
            {
                "KeyConditionExpression": "PK = :pk AND begins_with(SK, :sk)",
                "ExpressionAttributeValues": {":pk": _partition(owner), ":sk": letters},
                "ConsistentRead": True,
            }
        )
        return (item for page in pages for item in page.items)


def _key(partition: str, sort: str) -> Item:
    return {"PK": partition, "SK": sort}


def _partition(owner: str) -> str:
    return f"O#{owner}"


def owner_in(partition: str) -> str:
    return partition.removeprefix("O#")


def changed_owners(records: Iterable[Item]) -> list[str]:
    """The creators whose versions a batch of the stream raises, each once."""
    keys = (unpacked(record["dynamodb"]["Keys"]) for record in records)
    return list(dict.fromkeys(owner_in(key["PK"]) for key in keys))


def _host_key(host: Host, kind: Kind) -> Item:
    return _key(_partition(host.owner), _LETTERS[kind] + host.id)


def _holder_key(holder: KeyHolder) -> Item:
    return _key(_partition(holder.owner), _LETTERS[holder.kind] + holder.id)


def _tunnel_key(owner: str, tunnel_id: str) -> Item:
    return _key(_partition(owner), f"T#{tunnel_id}")


def _domain_key(domain: str) -> Item:
    return _key(f"DOMAIN#{domain}", "-")


def _due_key(owner: str, domain: str) -> Item:
    return _key("CERTS", f"{owner}#{domain}")


def _certificate_key(owner: str, domain: str) -> Item:
    return _key(_partition(owner), f"C#{domain}")


def _challenge_key(network: str, domain: str, token: str) -> Item:
    return _key(f"ACME#{network}#{domain}", token)


def _address_key(owner: str, address: str) -> Item:
    return _key(_partition(owner), f"I#{address}")


def _port_key(tunnel: Tunnel) -> Item:
    return _key(_partition(tunnel.owner), f"P#{tunnel.protocol}#{tunnel.public_port}")


def _subnet_key(number: int) -> Item:
    return _key(f"SUBNETS#{block_of(number):03d}", f"{number:05d}")


def _same_address(gateway: Gateway) -> tuple[str, Item]:
    """It has not moved to another address since it was read."""
    if gateway.public_ip is None:
        return "attribute_not_exists(publicIp) OR publicIp = :ip", {":ip": None}
    return "publicIp = :ip", {":ip": gateway.public_ip}


def _key_item(host: Host, kind: Kind) -> Item:
    return {
        **_key(f"KEY#{host.key}", "-"),
        "owner": host.owner,
        "kind": kind,
        "id": host.id,
    }


def _host_attributes(host: Host) -> Item:
    return {
        "name": host.name,
        "key": host.key,
        "enabled": host.enabled,
        "publicKey": host.public_key,
        "generation": host.generation,
        "createdAt": host.created_at,
        "updatedAt": host.updated_at,
    }


def _agent_item(agent: Agent) -> Item:
    return {
        **_host_key(agent, "agent"),
        **_host_attributes(agent),
        "number": agent.number,
        "tunnels": 0,
    }


def _gateway_item(gateway: Gateway) -> Item:
    return {
        **_host_key(gateway, "gateway"),
        **_host_attributes(gateway),
        "octet": gateway.octet,
        "publicIp": gateway.public_ip,
        "fixedIp": gateway.fixed_ip,
        "region": gateway.region,
    }


def _host_from(item: Item) -> Item:
    acked = item.get("acked")
    return {
        "id": item["SK"][2:],
        "owner": owner_in(item["PK"]),
        "name": item["name"],
        "key": item["key"],
        "enabled": item["enabled"],
        "public_key": item.get("publicKey"),
        "generation": item.get("generation", 0),
        "boot_id": item.get("bootId", ""),
        "metadata": item.get("metadata", {}),
        "created_at": item["createdAt"],
        "updated_at": item["updatedAt"],
        "link": Link(
            connection=item.get("conn", ""),
            seen_s=item.get("seen", 0),
            acked=None if acked is None else Version(acked["epoch"], acked["n"]),
            error=item.get("ackError", ""),
            received=item.get("received", 0),
            sent=item.get("sent", 0),
        ),
    }


def _agent(item: Item) -> Agent:
    return Agent(number=item["number"], **_host_from(item))


def _gateway(item: Item) -> Gateway:
    return Gateway(
        octet=item["octet"],
        public_ip=item.get("publicIp"),
        fixed_ip=item.get("fixedIp", False),
        region=item.get("region", ""),
        **_host_from(item),
    )


def _tunnel_item(tunnel: Tunnel) -> Item:
    return {
        **_tunnel_key(tunnel.owner, tunnel.id),
        "agentId": tunnel.agent_id,
        "protocol": tunnel.protocol,
        "domain": tunnel.domain,
        "target": tunnel.target,
        "port": tunnel.port,
        "publicPort": tunnel.public_port,
        "enabled": tunnel.enabled,
        "proxyProtocol": tunnel.proxy_protocol,
        "description": tunnel.description,
        "createdAt": tunnel.created_at,
        "updatedAt": tunnel.updated_at,
    }


def _tunnel(item: Item) -> Tunnel:
    return Tunnel(
        id=item["SK"][2:],
        owner=owner_in(item["PK"]),
        agent_id=item["agentId"],
        protocol=item["protocol"],
        domain=item["domain"],
        target=item["target"],
        port=item["port"],
        public_port=item["publicPort"],
        enabled=item["enabled"],
        proxy_protocol=item["proxyProtocol"],
        description=item["description"],
        created_at=item["createdAt"],
        updated_at=item["updatedAt"],
    )


def _certificate_item(owner: str, certificate: Certificate) -> Item:
    return {
        **_certificate_key(owner, certificate.domain),
        "state": certificate.state,
        "chain": certificate.chain,
        "serial": certificate.serial,
        "expiresAt": certificate.expires_s,
        "renewAt": certificate.renew_s,
        "retryAt": certificate.retry_s,
        "failures": certificate.failures,
        "problem": certificate.problem,
        "refused": certificate.refused,
    }


def _certificate(item: Item) -> Certificate:
    return Certificate(
        domain=item["SK"][2:],
        state=item["state"],
        chain=item["chain"],
        serial=item["serial"],
        expires_s=item["expiresAt"],
        renew_s=item["renewAt"],
        retry_s=item["retryAt"],
        failures=item["failures"],
        problem=item["problem"],
        refused=item.get("refused", False),
    )


def _due(item: Item) -> DueCertificate:
    owner, _, domain = item["SK"].partition("#")
    return DueCertificate(owner, domain, item["due"], item.get("valid", 0), item.get("serial", ""))
