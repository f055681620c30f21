"""What each request is billed, in units named as in the price table.

Tests assert these very numbers on the deployed system and on the edge's engines, and
make cost multiplies them by prices: change one here only because a test measured it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

FULL_BOARD: Final = 100
"""Entries of a board at the default top N, with names of 24 letters and no meta."""


@dataclass(frozen=True, slots=True)
class Usage:
    amounts: Mapping[str, float]
    """By price id."""

    def __getitem__(self, price: str) -> float:
        return self.amounts.get(price, 0)

    def __add__(self, other: Usage) -> Usage:
        prices = {**self.amounts, **other.amounts}
        return Usage({price: self[price] + other[price] for price in prices})

    def __mul__(self, times: float) -> Usage:
        return Usage({price: amount * times for price, amount in self.amounts.items()})


NOTHING: Final = Usage({})


def total(parts: Iterable[Usage]) -> Usage:
    return sum(parts, NOTHING)


GB: Final = 1e9

ANSWER_BYTES: Final = 1_000
"""Of a token or a refusal, headers included."""
STANDING_BYTES: Final = 2_500
"""Of what a submission is told of each board: its rank, its best and the top ten."""
RANKING_BYTES: Final = 8_000
"""Of a full board, compressed as CloudFront does it, headers included."""
SUBMISSION_BYTES: Final = 1_000
"""Of what reaches the origin with a submission."""
LEAST_FIREHOSE_BYTES: Final = 5 * 1024
"""Of a record, however short it is."""
LOG_BYTES: Final = 1_200
"""Of a request that reaches a Lambda: its line, Lambda's own three and the access log's, each
with the 26 bytes that CloudWatch counts besides."""

QUERY_UNITS: Final = 2.5
"""Of reading a full board, eventually consistent."""

_EDGE_ONLY: Final = Usage(
    {
        "cloudfront.requests": 1,
        "cloudfront.functions": 1,
        "cloudfront.transfer": ANSWER_BYTES / GB,
    }
)
_TO_A_LAMBDA: Final = Usage(
    {"http_api.requests": 1, "lambda.requests": 1, "logs.ingest": LOG_BYTES / GB}
)


def _reads(number: int) -> Usage:
    return Usage({"cloudfront.store_reads": number})


_TELEMETRY: Final = _TO_A_LAMBDA + Usage(
    {
        "cloudfront.requests": 1,
        "cloudfront.transfer": ANSWER_BYTES / GB,
        "cloudfront.upload": SUBMISSION_BYTES / GB,
    }
)

START: Final = _EDGE_ONLY + _reads(2)
END: Final = _EDGE_ONLY + _reads(2)
"""For the time after a rotation in which tokens of the previous key end, one read more."""

RANKING_CACHED: Final = Usage({"cloudfront.requests": 1, "cloudfront.transfer": RANKING_BYTES / GB})
RANKING_FRESH: Final = RANKING_CACHED + _TO_A_LAMBDA + Usage({"dynamodb.reads": QUERY_UNITS})


def submission(boards: int) -> Usage:
    """One that the edge lets through, whatever becomes of it on its boards."""
    return (
        _EDGE_ONLY
        + _reads(2 + boards)
        + _TO_A_LAMBDA
        + Usage(
            {
                "cloudfront.upload": SUBMISSION_BYTES / GB,
                "cloudfront.transfer": STANDING_BYTES * boards / GB,
                "dynamodb.reads": QUERY_UNITS * boards,
            }
        )
    )


ACCEPTED: Final = Usage({"dynamodb.writes": 1})
"""On each board that takes it."""
EVICTED: Final = Usage({"dynamodb.writes": 1})
"""On each full board that takes a new player."""
INVALIDATED: Final = Usage({"dynamodb.writes": 1, "cloudfront.paths": 1})
"""Once a window and game at most."""


EVENT_BYTES: Final = 400
"""Of an event as a game sends it, its share of the request's headers included."""

SESSION: Final = _TELEMETRY + Usage({"dynamodb.writes": 2})
"""The session itself, and the count of its address."""
PLAYER_KEY: Final = Usage({"dynamodb.writes": 1})
"""What leads to the sessions of a player who may ask to be forgotten."""
SESSION_END: Final = _TELEMETRY + Usage({"dynamodb.writes": 2})


def events(number: int) -> Usage:
    """One request with that many."""
    return _TELEMETRY + Usage(
        {"dynamodb.writes": number + 1, "cloudfront.upload": EVENT_BYTES * number / GB}
    )


COUNTED: Final = Usage({"lambda.requests": 1, "dynamodb.reads": 1, "dynamodb.writes": 4})
"""A window's batch of a busy day, folded into its counters."""


def refused(boards: int) -> dict[str, Usage]:
    """By what the edge tells: the later it can tell, the more it has read."""
    return {
        "malformed": _EDGE_ONLY,
        "bad_origin": _EDGE_ONLY,
        "bad_token": _EDGE_ONLY + _reads(1),
        "bad_signature": _EDGE_ONLY + _reads(1 + boards),
        "bad_user_key": _EDGE_ONLY + _reads(1 + boards),
        "out_of_limits": _EDGE_ONLY + _reads(1 + boards),
        "below_threshold": _EDGE_ONLY + _reads(1 + boards),
        "banned": _EDGE_ONLY + _reads(2 + boards),
    }


STORE_PAGE: Final = 50


def store_change(keys: int, written: int) -> Usage:
    """One visit of a writer to the store: its ETag, all its keys, and what changes."""
    pages = max(1, ceil(keys / STORE_PAGE)) + ceil(written / STORE_PAGE)
    return Usage({"cloudfront.store_calls": 1 + pages})
