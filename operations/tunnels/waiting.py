"""Waits until the hosts of a creator are online."""

import time
from typing import Final

import click

from lambdas.tunnels.records import Agent, Gateway, agent_json, gateway_json
from lambdas.tunnels.table import TunnelTable
from operations.cli.command import command
from operations.cli.output import Json
from operations.cli.session import Session
from operations.errors import NotFound, OperatorError
from operations.tunnels.networks import creator_of, host_in, tunnel_table

LOOK_SECONDS: Final = 2.0


class NotOnline(OperatorError):
    code = "not_online"

    def __init__(self, states: list[str], seconds: int) -> None:
        super().__init__(
            f"not online after {seconds} s: {'; '.join(states)}; fix: start the program on that "
            "machine, and read its log with journalctl -u 'htmlgame-tunnel-*'"
        )


@command("wait")
@click.argument("creator_id")
@click.argument("id", required=False)
@click.option("--seconds", type=click.IntRange(0, 3600), default=300, help="how long; 300")
def wait(session: Session, creator_id: str, id: str | None, seconds: int) -> None:
    """Wait until a host, or every host that is switched on, is online."""
    table, creator = tunnel_table(session), creator_of(creator_id)
    until, said = time.monotonic() + seconds, ""
    while True:
        hosts = _hosts(table, creator, id)
        states = [f"{each['name']} is {_state(each)}" for each in hosts]
        if all(each["status"] == "online" for each in hosts):
            break
        if said != (said := ", ".join(states)):
            session.output.note(said)
        if time.monotonic() >= until:
            raise NotOnline([each for each in states if not each.endswith(" is online")], seconds)
        time.sleep(LOOK_SECONDS)
    count = len(hosts)
    session.output.document(
        {"online": hosts}, lambda: session.output.say(f"online: {count} of {count}")
    )


def _hosts(table: TunnelTable, creator: str, wanted: str | None) -> list[Json]:
    now_s = int(time.time())
    if wanted is not None:
        return [_shown(host_in(table, creator, wanted), now_s)]
    network = table.network(creator)
    every: list[Agent | Gateway] = [*network.agents, *network.gateways]
    hosts = [each for each in every if each.enabled]
    if not hosts:
        raise NotFound("CREATOR_ID: this creator has no agent or gateway that is switched on")
    return [_shown(each, now_s) for each in hosts]


def _shown(host: Agent | Gateway, now_s: int) -> Json:
    return agent_json(host, now_s) if isinstance(host, Agent) else gateway_json(host, now_s)


def _state(host: Json) -> str:
    return f"{host['status']}: {host['error']}" if host["error"] else str(host["status"])
