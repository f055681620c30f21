"""The networks of creators, as commands open and search them."""

import json
from collections.abc import Callable
from typing import TypeVar

from config.capabilities import tunnels
from lambdas.shared.http.errors import Refusal
from lambdas.shared.values.uuids import is_uuid
from lambdas.tunnels.records import Agent, Gateway, Tunnel
from lambdas.tunnels.table import TunnelTable
from operations.cli.output import Json
from operations.cli.session import Session
from operations.deployed import has
from operations.errors import NotFound, OperatorError, WrongArgument

T = TypeVar("T")


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


def tunnel_table(session: Session) -> TunnelTable:
    if not has(session.target.environment, "tunnels"):
        raise NoTunnels
    name = session.parameter(tunnels.TABLE.parameter, tunnels.CAPABILITY.stack)
    return TunnelTable(session.target.shared("dynamodb"), name)


def creator_of(text: str) -> str:
    if not is_uuid(text):
        raise WrongArgument("CREATOR_ID", f"{text!r} is not a UUID, such as the sub of a token")
    return text.lower()


def found(table: TunnelTable, creator: str, text: str) -> Agent | Gateway | Tunnel:
    """The agent, gateway or tunnel with this id."""
    network = table.network(creator)
    every: list[Agent | Gateway | Tunnel] = [
        *network.agents,
        *network.gateways,
        *network.tunnels,
    ]
    for each in every:
        if each.id == text.lower():
            return each
    raise NotFound(f"ID: the creator has no agent, gateway or tunnel {text}")


def host_in(table: TunnelTable, creator: str, text: str) -> Agent | Gateway:
    host = found(table, creator, text)
    if isinstance(host, Tunnel):
        raise NotFound(f"ID: {text} is a tunnel; give the id of an agent or a gateway")
    return host


def title(each: Agent | Gateway | Tunnel) -> str:
    if isinstance(each, Tunnel):
        return f"tunnel {each.domain or f'{each.protocol} {each.public_port}'}"
    return f"{each.kind} {each.name}"


def checked(read: Callable[[bytes], T], given: Json) -> T:
    """What a rule of the API makes of these fields."""
    return attempted(lambda: read(json.dumps(given).encode()))


def attempted(function: Callable[[], T]) -> T:
    try:
        return function()
    except Refusal as refusal:
        raise RefusedChange(refusal) from None
