"""What tunnels cost: connections of hosts, their heartbeats, and changes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from config import units
from config.capabilities import tunnels
from config.capabilities.tunnels import Tunnels
from config.environments import COMPLETE, DELIVERED, Environment
from config.prices import FreeTier
from config.units import Usage
from operations.costs.bill import bill, dollars
from operations.costs.month import Month, Quantity
from operations.costs.part import Abused, Part
from operations.costs.tables import table

QUANTITIES: Final = (
    Quantity(name="hosts", default=0, help="agents and gateways that are always connected"),
    Quantity(name="tunnel_changes", default=0, help="changes of agents, gateways and tunnels"),
)


def environment_for(month: Month, environment: Environment) -> Environment:
    """An estimate with hosts assumes that tunnels are deployed."""
    if month["hosts"] and environment.given(Tunnels) is None:
        assumed = Tunnels(issuer="https://example.com")
        return replace(environment, capabilities=(*environment.capabilities, assumed))
    return environment


def assumed(month: Month) -> Iterator[str]:
    if month["hosts"]:
        yield f"{month['hosts']:g} hosts"


def parts(month: Month, environment: Environment) -> Iterator[Part]:
    yield Part("tunnels", _tunnels(month, environment))


def _tunnels(month: Month, environment: Environment) -> Usage:
    if environment.given(Tunnels) is None:
        return units.NOTHING
    hosts, changes = month["hosts"], month["tunnel_changes"]
    pushed = tunnels.PUSHED * (changes * hosts)
    return tunnels.HOST_MONTH * hosts + tunnels.CHANGE * changes + pushed


def requests() -> dict[str, Usage]:
    return {
        "tunnels: a host that is connected for a month": tunnels.HOST_MONTH,
        "tunnels: a change, without its pushes": tunnels.CHANGE,
        "tunnels: a config that one host gets and acknowledges": tunnels.PUSHED,
    }


def abused(environment: Environment) -> Iterator[Abused]:
    settings = environment.given(Tunnels) or Tunnels(issuer="https://example.com")
    edge = Usage({"cloudfront.requests": 1, "cloudfront.transfer": units.ANSWER_BYTES / units.GB})
    program = Usage({"cloudfront.transfer": PROGRAM_BYTES / units.GB})
    read = Usage({"dynamodb.reads": 1})
    for route, usage in {
        "GET /api/tunnels/control/config, with a wrong key": units.THROUGH_THE_SITE + read,
        "GET /install/programs/…": units.THROUGH_THE_SITE + program,
    }.items():
        yield Abused(
            route=route,
            edge=edge,
            origin=usage + edge * -1,
            one_a_second=settings.requests_per_second,
        )
    yield Abused(route="creators' routes for tunnels, without a token", edge=edge)


PROGRAM_BYTES: Final = 70_000


def sections() -> dict[str, str]:
    environment = replace(DELIVERED, capabilities=COMPLETE.capabilities)
    without = dollars(bill(Month(plays=0), environment), FreeTier.NONE)
    rows = []
    for hosts in (1, 10, 100):
        month = Month(plays=0, more={"hosts": hosts})
        more = dollars(bill(month, environment), FreeTier.NONE) - without
        messages = tunnels.HOST_MONTH["websocket.messages"] * hosts
        rows.append([f"{hosts}", f"${more:,.3f}", f"{messages:,.0f}"])
    return {"tunnels": table(["hosts, connected all month", "dollars", "messages"], rows)}
