"""Telemetry: the sessions, events and scores that games send, and their counters."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from config import names
from config.manifest import Capability, Endpoint, Function, Rule, Table, own_pattern
from config.model import CapabilitySettings, model
from config.settings import LOCAL_ISSUER, SignIn, Throttle, VisitorRates
from config.units import GB, THROUGH_THE_SITE, Usage


def _window(seconds: int) -> int:
    if not 0 <= seconds <= 300:
        raise ValueError(f"{seconds}; it must be 0 to 300, as long as Lambda gathers a stream")
    return seconds


@model
class Telemetry(SignIn, VisitorRates, Throttle, CapabilitySettings):
    requests_per_second: Annotated[float, Field(ge=1)] = 200
    burst: Annotated[int, Field(ge=1)] = 400
    projects: Mapping[str, str] = field(default_factory=dict)
    """The project that each of the site's own games sends to, if it sends at all."""
    count_window_seconds: Annotated[int, AfterValidator(_window)] = 30
    """How long counters may lag. Each window costs a project a few write units."""


ENDPOINT: Final = Endpoint(
    name=f"{names.PROJECT}-telemetry",
    parameter=names.parameter("telemetry", "api-endpoint"),
    origin=f"{names.PROJECT}-telemetry",
    same_origin_only=True,
    authorizer="Creators",
    share=0.5,
)
_IN_A_SESSION: Final = {"Keys": {"PK": {"S": [{"prefix": "P#"}]}}}
TABLE: Final = Table(
    id="TelemetryTable",
    parameter=names.parameter("telemetry", "telemetry-table"),
    holds=("sessions", "counters"),
    streams=True,
    stream_filters=(
        {"eventName": ["INSERT"], "dynamodb": _IN_A_SESSION},
        {
            "eventName": ["MODIFY"],
            "dynamodb": {**_IN_A_SESSION, "NewImage": {"ended": {"N": [{"exists": True}]}}},
        },
    ),
    eraser_may=("Query", "BatchWriteItem", "UpdateItem"),
    forgetter_may=("Query", "BatchWriteItem", "UpdateItem"),
    forgetter_reaches=("P#*", "PL#*"),
)
RATES: Final = Table(
    id="RateTable",
    parameter=names.parameter("telemetry", "rate-table"),
    holds=("rates",),
    precious=False,
    sorted_by=None,
)

INGEST: Final = Function(
    id="Ingest",
    name=f"{names.PROJECT}-telemetry-ingest",
    module="lambdas.telemetry.ingest",
    share=0.3,
)
COUNT: Final = Function(
    id="Count",
    name=f"{names.PROJECT}-telemetry-count",
    module="lambdas.telemetry.count",
    timeout_seconds=60,
)
KEYS: Final = Function(
    id="Keys",
    name=f"{names.PROJECT}-telemetry-keys",
    module="lambdas.telemetry.keys_resource",
    timeout_seconds=60,
    rules=(Rule(id="Monthly", schedule="rate(30 days)"),),
)

EVENT_BYTES: Final = 400
"""An event as a game sends it, with its share of the request's headers."""
SESSION: Final = THROUGH_THE_SITE + Usage({"dynamodb.writes": 2})
"""The session itself, and the count of its address."""
PLAYER_KEY: Final = Usage({"dynamodb.writes": 1})
"""The pointer to the sessions of a player who may ask to be forgotten."""
SESSION_END: Final = THROUGH_THE_SITE + Usage({"dynamodb.writes": 2})


def events(number: int) -> Usage:
    """One request with this many events."""
    return THROUGH_THE_SITE + Usage(
        {"dynamodb.writes": number + 1, "cloudfront.upload": EVENT_BYTES * number / GB}
    )


COUNTED: Final = Usage({"lambda.requests": 1, "dynamodb.reads": 1, "dynamodb.writes": 4})
"""A window's batch on a busy day, added to its counters."""

CAPABILITY: Final = Capability(
    name="telemetry",
    summary="Telemetry, and what creators keep here.",
    settings=Telemetry,
    local=Telemetry(
        issuer=LOCAL_ISSUER,
        # A laptop has one address for every player on it.
        address_requests_a_minute=6000,
        count_window_seconds=1,
        projects={
            "snake": "019aa000-0000-7000-8000-00000000001a",
            "minesweeper": "019aa000-0000-7000-8000-00000000002a",
            "bricks": "019aa000-0000-7000-8000-00000000003a",
        },
    ),
    complete=Telemetry(issuer="https://example.supabase.co/auth/v1"),
    functions=(INGEST, COUNT, KEYS),
    tables=(TABLE, RATES),
    endpoints=(ENDPOINT,),
    patterns=(own_pattern("telemetry"),),
    parameters=(names.TOKEN_KEYS, names.HASH_KEY),
    player_hashes=names.HASH_KEY,
    units={
        "session": SESSION,
        "session of a known player": SESSION + PLAYER_KEY,
        "session end": SESSION_END,
        "event": events(1),
        "batch of ten events": events(10),
    },
)
