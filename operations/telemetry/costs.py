"""What sessions, events and their counters cost."""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from typing import Final

from config import units
from config.capabilities import telemetry
from config.capabilities.telemetry import Telemetry
from config.concurrency import within
from config.environments import COMPLETE, DELIVERED, Environment
from config.prices import FreeTier
from config.units import THROUGH_THE_SITE, Usage
from lambdas.telemetry.submission import MOST_DATA_BYTES, MOST_EVENTS
from operations.costs.bill import bill, dollars, stored
from operations.costs.month import ABOVE_ZERO, Month, Quantity
from operations.costs.part import Abused, Ceiling, Part
from operations.costs.tables import table, usd

STREAM_SHARDS: Final = 4
"""Of a table on demand that has never been busy; each is counted separately."""
_EVENT_ROW_BYTES: Final = 350
_SESSION_ROW_BYTES: Final = 300
_MONTHS_OF_EVENTS: Final = 3
_WRITE_UNIT_BYTES: Final = 1024

VIEWED: Final = Usage(
    {"cloudfront.requests": 1, "cloudfront.transfer": units.ANSWER_BYTES / units.GB}
)
"""A request that is answered without a function."""
_A_PLAY: Final = 10
"""Events, on the cost page."""

QUANTITIES: Final = (
    Quantity(name="events", default=0, help="telemetry events for each play", variable=True),
    Quantity(
        name="events_a_request",
        default=10,
        whole=True,
        help="events in one request, 1 to 25",
        limit=("from 1 to 25, as many as one request can hold", lambda n: 1 <= n <= MOST_EVENTS),
    ),
    Quantity(
        name="plays_a_session",
        default=5,
        help="plays until the player leaves the page",
        limit=ABOVE_ZERO,
    ),
)


def assumed(month: Month) -> Iterator[str]:
    if month["events"]:
        yield f"{month['events']:g} events a play"


def months_at_rest() -> dict[str, Month]:
    return {"telemetry, too": _with_events(0)}


def sections() -> dict[str, str]:
    archiving = replace(DELIVERED, capabilities=COMPLETE.capabilities)
    rows = []
    for plays in (0, 10_000, 100_000, 1_000_000):
        month = _with_events(plays)
        bills = (bill(Month(plays=plays)), bill(month), bill(month, archiving))
        rows.append([f"{plays:,}", *(usd(dollars(lines, FreeTier.ALWAYS)) for lines in bills)])
    heads = ["plays a month", "without", f"with {_A_PLAY} events a play", "and the archive"]
    return {"telemetry": table(heads, rows)}


def _with_events(plays: float) -> Month:
    return Month(plays=plays, more={"events": _A_PLAY})


def environment_for(month: Month, environment: Environment) -> Environment:
    """An estimate with events assumes that telemetry is deployed."""
    if month["events"] and environment.given(Telemetry) is None:
        assumed = Telemetry(issuer="https://example.com")
        return replace(environment, capabilities=(*environment.capabilities, assumed))
    return environment


def parts(month: Month, environment: Environment) -> Iterator[Part]:
    yield Part("telemetry", _telemetry(month, environment))


def _telemetry(month: Month, environment: Environment) -> Usage:
    """A later month, in which as many old events expire as new ones arrive."""
    settings = environment.given(Telemetry)
    if not month["events"] or settings is None:
        return units.NOTHING
    sessions = month.plays / month["plays_a_session"]
    events = month.plays * month["events"]
    requests = events / month["events_a_request"]
    window_seconds = settings.count_window_seconds
    key_reads = Usage({"kms.requests": min(requests, month.days * 24 * 12)})
    windows = month.days * 24 * 3600 / window_seconds * STREAM_SHARDS
    return (
        (telemetry.SESSION + telemetry.PLAYER_KEY + telemetry.SESSION_END) * sessions
        + telemetry.events(int(month["events_a_request"])) * requests
        + telemetry.COUNTED * min(requests + 2 * sessions, windows)
        + _events_kept(events)
        + key_reads
        + stored(sessions * _SESSION_ROW_BYTES)
    )


def _events_kept(events: float, row_bytes: float = _EVENT_ROW_BYTES) -> Usage:
    return stored(events * row_bytes * _MONTHS_OF_EVENTS)


def requests() -> dict[str, Usage]:
    return {
        "telemetry: a session of a known player": telemetry.SESSION + telemetry.PLAYER_KEY,
        "telemetry: ten events in one request": telemetry.events(10),
        "telemetry: the end of a session": telemetry.SESSION_END,
        "telemetry: a window of counters": telemetry.COUNTED,
    }


def abused(environment: Environment) -> Iterator[Abused]:
    an_address, all_addresses = limits_of_visitors(environment)
    for route, usage in {
        "POST /api/telemetry/session": telemetry.SESSION,
        f"POST /api/telemetry/events, {MOST_EVENTS} in each": telemetry.events(MOST_EVENTS)
        + _events_kept(MOST_EVENTS),
    }.items():
        yield Abused(
            route=route,
            edge=VIEWED,
            origin=usage + VIEWED * -1,
            one_a_second=an_address,
            all_a_second=all_addresses,
        )
    yield Abused(
        route="the same routes, over the limit of an address",
        edge=VIEWED,
        origin=THROUGH_THE_SITE + VIEWED * -1,
        one_a_second=all_addresses,
    )
    yield Abused(route="creators' routes, without a token", edge=VIEWED)


def limits_of_visitors(environment: Environment) -> tuple[float, float]:
    """Requests a second that are answered in full: of an address, and of a thousand addresses.

    An address may send sixty requests a minute. A thousand addresses reach the throttle.
    """
    settings = environment.given(Telemetry) or Telemetry(issuer="https://example.com")
    throttle = within(settings, telemetry.ENDPOINT.share, environment).requests_per_second
    return min(throttle, settings.address_requests_a_minute / 60), throttle


def throttles() -> dict[str, float]:
    settings = Telemetry(issuer="https://example.com")
    return {"telemetry": within(settings, telemetry.ENDPOINT.share, DELIVERED).requests_per_second}


def ceilings() -> Iterator[Ceiling]:
    settings = Telemetry(issuer="https://example.com")
    rate = within(settings, telemetry.ENDPOINT.share, DELIVERED).requests_per_second
    short = telemetry.events(MOST_EVENTS) + _events_kept(MOST_EVENTS)
    yield Ceiling(f"telemetry, {MOST_EVENTS} events in each", rate, short)
    yield Ceiling("the same, each event as long as allowed", rate, _longest_events())


def _longest_events() -> Usage:
    row = _EVENT_ROW_BYTES + MOST_DATA_BYTES
    longer = {
        "dynamodb.writes": MOST_EVENTS * (ceil(row / _WRITE_UNIT_BYTES) - 1),
        "cloudfront.upload": MOST_EVENTS * MOST_DATA_BYTES / units.GB,
    }
    return telemetry.events(MOST_EVENTS) + Usage(longer) + _events_kept(MOST_EVENTS, row)
