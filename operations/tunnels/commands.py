"""htmlgame tunnels: the networks of creators, as an operator sees and changes them"""

import time
from typing import Any

import click

from lambdas.shared.values.clock import iso
from lambdas.tunnels.api_keys import Kind, new_key
from lambdas.tunnels.changes import new_agent, new_gateway, new_tunnel
from lambdas.tunnels.dns import addresses_of
from lambdas.tunnels.records import (
    Network,
    Tunnel,
    agent_json,
    dns_json,
    gateway_json,
    tunnel_json,
)
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json, short_time
from operations.cli.session import Session
from operations.tunnels.changing import (
    change,
    disable,
    enable,
    order,
    remove,
    rotate_key,
    rotate_wireguard,
)
from operations.tunnels.networks import attempted, checked, creator_of, tunnel_table
from operations.tunnels.waiting import wait


@click.group("tunnels")
def tunnels() -> None:
    """Show and change the agents, gateways and tunnels of a creator."""


@command("show")
@click.argument("creator_id")
@click.option("--dns", is_flag=True, help="look up where the domains lead, as this machine sees it")
def show(session: Session, creator_id: str, *, dns: bool) -> None:
    """Show a creator's agents, gateways and tunnels."""
    network = tunnel_table(session).network(creator_of(creator_id))
    now_s = int(time.time())
    certificates = {each.domain: each for each in network.certificates}
    hosts = [
        *(("agent", agent_json(each, now_s)) for each in network.agents),
        *(("gateway", gateway_json(each, now_s)) for each in network.gateways),
    ]
    found = [tunnel_json(each, certificates.get(each.domain or "")) for each in network.tunnels]
    records = [_records(each, network) for each in network.tunnels if dns and each.domain]
    document = {
        "version": network.version.number,
        "hosts": [{"kind": kind, **each} for kind, each in hosts],
        "tunnels": found,
        **({"dns": records} if dns else {}),
    }

    def say() -> None:
        session.output.table(
            ["kind", "id", "~name", "status", "address", ">version", ">MB", "last seen (UTC)"],
            (
                [
                    kind,
                    each["id"],
                    each["name"],
                    each["status"],
                    each.get("virtualIp") or each.get("publicIp"),
                    each["appliedVersion"],
                    sum(each["traffic"].values()) // 10**6,
                    short_time(each["lastSeenAt"]),
                ]
                for kind, each in hosts
            ),
        )
        for _, each in hosts:
            if each["error"]:
                session.output.warn(f"{each['name']}: {each['error']}")
        session.output.table(
            ["id", "~domain or port", "~target", "on", "certificate"],
            (
                [each["id"], _where(each), each["target"], each["enabled"], _state(each)]
                for each in found
            ),
        )

        if dns:
            session.output.table(
                ["~domain", "fits", "~wanted", "~seen"],
                (
                    [
                        each["domain"],
                        each["fits"],
                        " ".join(each["wanted"]),
                        " ".join(each["seen"] or ()),
                    ]
                    for each in records
                ),
            )

    session.output.document(document, say)


def _records(tunnel: Tunnel, network: Network) -> Json:
    domain = str(tunnel.domain)
    gateways = [each for each in network.gateways if each.enabled and each.public_ip]
    return dns_json(domain, gateways, addresses_of(domain))


def _where(tunnel: Json) -> str:
    return str(tunnel["domain"] or f"{tunnel['protocol']} {tunnel['publicPort']}")


def _state(tunnel: Json) -> str:
    certificate = tunnel["certificate"]
    if certificate is None:
        return "waiting" if tunnel["domain"] else "none"
    return str(certificate["state"])


@command("certificates")
def certificates(session: Session) -> None:
    """Show the certificates of all creators, with what keeps them from being renewed."""
    table = tunnel_table(session)
    found = []
    for each in table.watched():
        certificate = table.certificate(each.owner, each.domain)
        found.append(
            {
                "domain": each.domain,
                "creatorId": each.owner,
                "state": certificate.state if certificate else "waiting",
                "expiresAt": iso(each.expires_s * 1000) if each.expires_s else None,
                "dueAt": iso(each.due_s * 1000),
                "problem": (certificate.problem if certificate else "") or None,
            }
        )

    def say() -> None:
        session.output.table(
            ["~domain", "state", "expires (UTC)", "next try (UTC)", "~problem"],
            (
                [
                    each["domain"],
                    each["state"],
                    short_time(each["expiresAt"]),
                    short_time(each["dueAt"]),
                    each["problem"],
                ]
                for each in found
            ),
        )

    session.output.document({"certificates": found}, say)


@command("add-agent")
@click.argument("creator_id")
@click.argument("name")
@changes
def add_agent(session: Session, consent: Consent, creator_id: str, name: str) -> None:
    """Add an agent, and show its API key once."""
    fields = checked(new_agent, {"name": name})
    _add_host(session, consent, "agent", creator_id, fields)


@command("add-gateway")
@click.argument("creator_id")
@click.argument("name")
@click.option("--public-ip", help="its address, if it is not the one it connects from")
@click.option("--region", help="a name of where it is")
@changes
def add_gateway(
    session: Session,
    consent: Consent,
    creator_id: str,
    name: str,
    public_ip: str | None,
    region: str | None,
) -> None:
    """Add a gateway, and show its API key once."""
    given = {"name": name, "publicIp": public_ip, "region": region}
    fields = checked(new_gateway, {key: each for key, each in given.items() if each is not None})
    _add_host(session, consent, "gateway", creator_id, fields)


def _add_host(
    session: Session, consent: Consent, kind: Kind, creator_id: str, fields: Json
) -> None:
    table, creator, key = tunnel_table(session), creator_of(creator_id), new_key(kind)
    create = table.create_agent if kind == "agent" else table.create_gateway

    def act() -> Json:
        made = attempted(lambda: create(creator, key, session.now_ms, fields))
        return {"id": made.id, "apiKey": key}

    change = Change(
        f"tunnels add-{kind}",
        {"creatorId": creator, "name": fields["name"]},
        f"Add the {kind} {fields['name']} to the creator {creator}",
        planned={kind: 1},
        document={"creatorId": creator},
    )
    carry_out(session, consent, change, act)


@command("add-tunnel")
@click.argument("creator_id")
@click.argument("agent_id")
@click.argument("target")
@click.option("--domain", help="of an http tunnel")
@click.option("--protocol", type=click.Choice(["http", "tcp", "udp"]), default="http")
@click.option("--public-port", type=int, help="of a tcp or udp tunnel; by default a free one")
@click.option("--proxy-protocol", is_flag=True, help="tell the target the visitor's address")
@changes
def add_tunnel(
    session: Session, consent: Consent, creator_id: str, agent_id: str, target: str, **more: Any
) -> None:
    """Add a tunnel that leads to TARGET, a host and a port at the agent."""
    table, creator = tunnel_table(session), creator_of(creator_id)
    given = {
        "agentId": agent_id,
        "target": target,
        "domain": more["domain"],
        "protocol": more["protocol"],
        "publicPort": more["public_port"],
        "proxyProtocol": more["proxy_protocol"],
    }
    fields = checked(new_tunnel, {key: each for key, each in given.items() if each is not None})

    def act() -> Json:
        made = attempted(lambda: table.create_tunnel(creator, session.now_ms, fields))
        return {"id": made.id, "publicPort": made.public_port}

    change = Change(
        "tunnels add-tunnel",
        {"creatorId": creator, "agentId": agent_id, "target": target},
        f"Add a tunnel to {target} to the creator {creator}",
        planned={"tunnels": 1},
        document={"creatorId": creator},
    )
    carry_out(session, consent, change, act)


for _each in (
    show,
    certificates,
    add_agent,
    add_gateway,
    add_tunnel,
    wait,
    change,
    enable,
    disable,
    rotate_key,
    rotate_wireguard,
    order,
    remove,
):
    tunnels.add_command(_each)
