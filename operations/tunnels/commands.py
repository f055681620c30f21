"""htmlgame tunnels: the networks of creators, as an operator sees and changes them"""

import json
import time
from collections.abc import Callable
from typing import Any

import click

from config.capabilities import tunnels as tunnels_manifest
from lambdas.shared.http.errors import Refusal
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import is_uuid
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
from lambdas.tunnels.table import TunnelTable
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json, short_time
from operations.cli.session import Session
from operations.deployed import has
from operations.errors import NotFound, OperatorError, WrongArgument


class NoTunnels(OperatorError):
    code = "not_deployed"

    def __init__(self) -> None:
        super().__init__(
            "this environment has no tunnels: add Tunnels(…) to capabilities in "
            "config/environments.py, and deploy"
        )


class RefusedChange(OperatorError):
    code = "refused"

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))


@click.group("tunnels")
def tunnels() -> None:
    """Show and change the agents, gateways and tunnels of a creator."""


def _table(session: Session) -> TunnelTable:
    if not has(session.target.environment, "tunnels"):
        raise NoTunnels
    name = session.parameter(tunnels_manifest.TABLE.parameter, tunnels_manifest.CAPABILITY.stack)
    return TunnelTable(session.target.shared("dynamodb"), name)


def _creator(text: str) -> str:
    if not is_uuid(text):
        raise WrongArgument("CREATOR_ID", f"{text!r} is not a UUID, such as the sub of a token")
    return text.lower()


@command("show")
@click.argument("creator_id")
@click.option("--dns", is_flag=True, help="look up where the domains lead, as this machine sees it")
def show(session: Session, creator_id: str, *, dns: bool) -> None:
    """Show a creator's agents, gateways and tunnels."""
    network = _table(session).network(_creator(creator_id))
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
    table = _table(session)
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
    fields = _checked(new_agent, {"name": name})
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
    fields = _checked(new_gateway, {key: each for key, each in given.items() if each is not None})
    _add_host(session, consent, "gateway", creator_id, fields)


def _add_host(
    session: Session, consent: Consent, kind: Kind, creator_id: str, fields: Json
) -> None:
    table, creator, key = _table(session), _creator(creator_id), new_key(kind)
    create = table.create_agent if kind == "agent" else table.create_gateway

    def act() -> Json:
        made = _attempted(lambda: create(creator, key, session.now_ms, fields))
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
    table, creator = _table(session), _creator(creator_id)
    given = {
        "agentId": agent_id,
        "target": target,
        "domain": more["domain"],
        "protocol": more["protocol"],
        "publicPort": more["public_port"],
        "proxyProtocol": more["proxy_protocol"],
    }
    fields = _checked(new_tunnel, {key: each for key, each in given.items() if each is not None})

    def act() -> Json:
        made = _attempted(lambda: table.create_tunnel(creator, session.now_ms, fields))
        return {"id": made.id, "publicPort": made.public_port}

    change = Change(
        "tunnels add-tunnel",
        {"creatorId": creator, "agentId": agent_id, "target": target},
        f"Add a tunnel to {target} to the creator {creator}",
        planned={"tunnels": 1},
        document={"creatorId": creator},
    )
    carry_out(session, consent, change, act)


@command("remove")
@click.argument("creator_id")
@click.argument("id")
@changes
def remove(session: Session, consent: Consent, creator_id: str, id: str) -> None:
    """Remove an agent, a gateway or a tunnel of a creator by its id."""
    table, creator = _table(session), _creator(creator_id)
    network, wanted, now_ms = table.network(creator), id.lower(), session.now_ms
    found: dict[str, tuple[str, Callable[[], None]]] = {
        **{
            each.id: (f"agent {each.name}", lambda: table.delete_agent(creator, wanted, now_ms))
            for each in network.agents
        },
        **{
            each.id: (f"gateway {each.name}", lambda: table.delete_gateway(creator, wanted, now_ms))
            for each in network.gateways
        },
        **{
            each.id: (
                f"tunnel {each.domain or each.public_port}",
                lambda: table.delete_tunnel(creator, wanted),
            )
            for each in network.tunnels
        },
    }
    if wanted not in found:
        raise NotFound(f"ID: the creator has no agent, gateway or tunnel {id}")
    what, delete = found[wanted]

    def act() -> Json:
        _attempted(delete)
        return {"removed": 1}

    change = Change(
        "tunnels remove",
        {"creatorId": creator, "id": wanted},
        f"Remove the {what} of the creator {creator}",
        planned={"removed": 1},
        document={"creatorId": creator, "id": wanted},
    )
    carry_out(session, consent, change, act)


def _checked(read: Callable[[bytes], Json], given: Json) -> Json:
    return _attempted(lambda: read(json.dumps(given).encode()))


def _attempted(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except Refusal as refusal:
        raise RefusedChange(refusal) from None


for _each in (show, certificates, add_agent, add_gateway, add_tunnel, remove):
    tunnels.add_command(_each)
