"""What an hour of abuse costs: a laptop, and a thousand bots, on each public route."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from config.environments import DELIVERED, Environment
from config.units import GB, Usage
from operations.costs.bill import at_list_price, contributions
from operations.costs.part import Abused

_HOUR: Final = 3600
_REFUSED_LOG_BYTES: Final = 330
"""The access log's line of a request that the throttle refuses. API Gateway does not bill such a
request."""


@dataclass(frozen=True, slots=True)
class Abuser:
    name: str
    a_second: float
    many_addresses: bool


LAPTOP: Final = Abuser("a laptop", 300, many_addresses=False)
BOTS: Final = Abuser("a thousand bots", 10_000, many_addresses=True)
"""Estimated: a laptop at home keeps hundreds of requests in flight, and a bot sends ten a second,
as many as a rate rule of WAF can still tolerate."""


@dataclass(frozen=True, slots=True)
class Row:
    route: str
    laptop: float
    """Dollars an hour, without any free tier."""
    bots: float
    reach: float
    """The most requests a second that reach the origin."""


def rows(environment: Environment = DELIVERED) -> Iterator[Row]:
    for abused_of in contributions("abused"):
        for each in abused_of(environment):
            reach = _reaching(each, BOTS)
            yield Row(each.route, dollars_an_hour(each, LAPTOP), dollars_an_hour(each, BOTS), reach)


def dollars_an_hour(abused: Abused, abuser: Abuser) -> float:
    reaching = _reaching(abused, abuser)
    throttled = 0.0 if abused.one_a_second is None else abuser.a_second - reaching
    log = Usage({"logs.ingest": _REFUSED_LOG_BYTES / GB})
    usage = abused.edge * abuser.a_second + abused.origin * reaching + log * throttled
    return at_list_price(usage * _HOUR)


def _reaching(abused: Abused, abuser: Abuser) -> float:
    """The requests a second that pass the throttle."""
    if abused.one_a_second is None:
        return 0
    most = abused.one_a_second
    if abuser.many_addresses and abused.all_a_second is not None:
        most = abused.all_a_second
    return min(abuser.a_second, most)
