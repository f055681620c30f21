"""What AWS bills, in units named as in the price table, and what each request is made of.

The manifests have each capability's own units. Tests assert these numbers on the deployed system
and on the edge's engines, and make cost multiplies them by prices. Change a number only because
a test measured it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final


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
"""A token or a refusal, headers included."""
SUBMISSION_BYTES: Final = 1_000
"""What reaches the origin with a submission."""
LOG_BYTES: Final = 1_200
"""A request that reaches a Lambda: its log line, Lambda's own three and the access log's, each
with the 26 bytes that CloudWatch adds to every line."""

EDGE_ONLY: Final = Usage(
    {
        "cloudfront.requests": 1,
        "cloudfront.functions": 1,
        "cloudfront.transfer": ANSWER_BYTES / GB,
    }
)
"""A request that an edge function answers."""
TO_A_LAMBDA: Final = Usage(
    {"http_api.requests": 1, "lambda.requests": 1, "logs.ingest": LOG_BYTES / GB}
)
"""What a request costs behind CloudFront, without its database."""
THROUGH_THE_SITE: Final = TO_A_LAMBDA + Usage(
    {
        "cloudfront.requests": 1,
        "cloudfront.transfer": ANSWER_BYTES / GB,
        "cloudfront.upload": SUBMISSION_BYTES / GB,
    }
)
"""A request that no edge function sees and a Lambda answers, without its database."""


def store_reads(number: int) -> Usage:
    return Usage({"cloudfront.store_reads": number})


STORE_PAGE: Final = 50


def store_change(keys: int, written: int) -> Usage:
    """One change of the edge's store: its ETag, all its keys, and the keys that it writes."""
    pages = max(1, ceil(keys / STORE_PAGE)) + ceil(written / STORE_PAGE)
    return Usage({"cloudfront.store_calls": 1 + pages})
