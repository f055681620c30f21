"""Commands that change, rotate or remove an agent, a gateway or a tunnel."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

import click

from config.capabilities import tunnels
from lambdas.tunnels.api_keys import new_key
from lambdas.tunnels.changes import changed_agent, changed_gateway, changed_tunnel
from lambdas.tunnels.orders import order_again
from lambdas.tunnels.records import Agent, Gateway, Tunnel
from lambdas.tunnels.table import TunnelTable
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.invoke import invoke
from operations.cli.output import Json
from operations.cli.session import Session
from operations.errors import WrongArgument
from operations.tunnels.networks import (
    attempted,
    checked,
    creator_of,
    found,
    host_in,
    title,
    tunnel_table,
)

Changed = Agent | Gateway | Tunnel
_READERS: Final[dict[type, Callable[[Any, bytes], Any]]] = {
    Agent: changed_agent,
    Gateway: changed_gateway,
    Tunnel: changed_tunnel,
}


@command("change")
@click.argument("creator_id")
@click.argument("id")
@click.option("--name", help="of an agent or a gateway")
@click.option("--public-ip", help="of a gateway; empty: the address it connects from")
@click.option("--region", help="of a gateway")
@click.option("--domain", help="of an http tunnel")
@click.option("--public-port", type=int, help="of a tcp or udp tunnel")
@click.option("--target", help="of a tunnel: a host and a port at the agent")
@click.option("--description", help="of a tunnel")
@click.option("--proxy-protocol/--no-proxy-protocol", default=None, help="of a tunnel")
@changes
def change(session: Session, consent: Consent, creator_id: str, id: str, **given: Any) -> None:
    """Rename an agent or a gateway, or change what a tunnel leads to."""
    fields = {_camel(name): value for name, value in given.items() if value is not None}
    if not fields:
        raise WrongArgument("ID", "give an option that changes something, such as --name")
    if fields.get("publicIp") == "":
        fields["publicIp"] = None
    _change(session, consent, "change", creator_id, id, fields)


@command("enable")
@click.argument("creator_id")
@click.argument("id")
@changes
def enable(session: Session, consent: Consent, creator_id: str, id: str) -> None:
    """Switch an agent, a gateway or a tunnel on again."""
    _change(session, consent, "enable", creator_id, id, {"enabled": True})


@command("disable")
@click.argument("creator_id")
@click.argument("id")
@changes
def disable(session: Session, consent: Consent, creator_id: str, id: str) -> None:
    """Switch an agent, a gateway or a tunnel off, and keep its definition."""
    _change(session, consent, "disable", creator_id, id, {"enabled": False})


def _change(
    session: Session, consent: Consent, verb: str, creator_id: str, id: str, fields: Json
) -> None:
    table, creator = tunnel_table(session), creator_of(creator_id)
    before = found(table, creator, id)
    read = _READERS[type(before)]

    def changed(current: Any) -> Any:
        return checked(partial(read, current), fields)

    def act() -> Json:
        _write(table, before, session.now_ms, changed)
        return {"changed": 1}

    same = changed(before) == before
    more = {} if "enabled" in fields else fields
    to = f" to {_listed(fields)}" if more else ""
    carry_out(
        session,
        consent,
        Change(
            f"tunnels {verb}",
            {"creatorId": creator, "id": before.id, **more},
            f"{verb.capitalize()} the {title(before)} of the creator {creator}{to}",
            planned={"changed": 1},
            nothing=f"the {title(before)} is so already" if same else None,
            document={"creatorId": creator, "id": before.id},
        ),
        act,
    )


def _write(table: TunnelTable, of: Changed, now_ms: int, changed: Callable[[Any], Any]) -> None:
    if isinstance(of, Tunnel):
        attempted(lambda: table.change_tunnel(of.owner, of.id, now_ms, changed))
    else:
        attempted(lambda: table.change_host(of.owner, of.kind, of.id, now_ms, changed))


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(each.capitalize() for each in more)


def _listed(fields: Json) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in fields.items())


@command("rotate-key")
@click.argument("creator_id")
@click.argument("id")
@changes
def rotate_key(session: Session, consent: Consent, creator_id: str, id: str) -> None:
    """Give a host a new API key, and close the connection of the old one."""
    table, creator = tunnel_table(session), creator_of(creator_id)
    host = host_in(table, creator, id)
    key = new_key(host.kind)

    def act() -> Json:
        attempted(lambda: table.rotate_key(creator, host.kind, host.id, key, session.now_ms))
        return {"apiKey": key}

    carry_out(session, consent, _of_host("rotate-key", "Replace the API key", host), act)


@command("rotate-wireguard")
@click.argument("creator_id")
@click.argument("id")
@changes
def rotate_wireguard(session: Session, consent: Consent, creator_id: str, id: str) -> None:
    """Have a host make a new WireGuard key. Connections go on."""
    table, creator = tunnel_table(session), creator_of(creator_id)
    host = host_in(table, creator, id)

    def act() -> Json:
        _write(table, host, session.now_ms, lambda now: replace(now, generation=now.generation + 1))
        return {"asked": 1}

    said = _of_host("rotate-wireguard", "Replace the WireGuard key", host)
    carry_out(session, consent, said, act)


def _of_host(verb: str, what: str, host: Agent | Gateway) -> Change:
    about = {"creatorId": host.owner, "id": host.id}
    return Change(
        f"tunnels {verb}",
        about,
        f"{what} of the {title(host)} of the creator {host.owner}",
        planned={"keys": 1},
        document=about,
    )


@command("order")
@click.argument("creator_id")
@click.argument("id")
@changes
def order(session: Session, consent: Consent, creator_id: str, id: str) -> None:
    """Order a tunnel's certificate again now, after a failure."""
    table, creator = tunnel_table(session), creator_of(creator_id)
    tunnel = found(table, creator, id)
    if not isinstance(tunnel, Tunnel) or tunnel.domain is None:
        raise WrongArgument("ID", f"the {title(tunnel)} has no domain and needs no certificate")
    domain = tunnel.domain

    def act() -> Json:
        attempted(lambda: order_again(table, creator, domain, session.now_ms // 1000))
        invoke(session, tunnels.CERTIFICATES.name, {}, doing="ordering")
        after = table.certificate(creator, domain)
        if after is None:
            return {"state": "waiting"}
        return {"state": after.state, **({"problem": after.problem} if after.problem else {})}

    about = {"creatorId": creator, "id": tunnel.id}
    said = Change(
        "tunnels order",
        about,
        f"Order a certificate for {domain} of the creator {creator}",
        planned={"certificates": 1},
        document=about,
    )
    carry_out(session, consent, said, act)


@command("remove")
@click.argument("creator_id")
@click.argument("id")
@changes
def remove(session: Session, consent: Consent, creator_id: str, id: str) -> None:
    """Remove an agent, a gateway or a tunnel of a creator by its id."""
    table, creator = tunnel_table(session), creator_of(creator_id)
    each = found(table, creator, id)

    def delete() -> None:
        if isinstance(each, Tunnel):
            table.delete_tunnel(creator, each.id)
        elif isinstance(each, Agent):
            table.delete_agent(creator, each.id, session.now_ms)
        else:
            table.delete_gateway(creator, each.id, session.now_ms)

    def act() -> Json:
        attempted(delete)
        return {"removed": 1}

    about = {"creatorId": creator, "id": each.id}
    said = Change(
        "tunnels remove",
        about,
        f"Remove the {title(each)} of the creator {creator}",
        planned={"removed": 1},
        document=about,
    )
    carry_out(session, consent, said, act)
