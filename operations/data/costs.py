"""What custom data costs."""

from collections.abc import Iterator
from typing import Final

from config import units
from config.environments import Environment
from config.units import THROUGH_THE_SITE, Usage
from lambdas.data.things import MOST_DATA_BYTES, MOST_ITEMS
from operations.costs.part import Abused
from operations.telemetry.costs import VIEWED, limits_of_visitors

_LARGEST_ITEM: Final = THROUGH_THE_SITE + Usage(
    {"dynamodb.writes": 2 + 9, "cloudfront.upload": 8_192 / units.GB}
)
"""An item of 8 KB, the count of its project and the count of its address. A month's storage is
limited by the project's quota."""
PAGE_READS: Final = 51
_LONGEST_PAGE: Final = THROUGH_THE_SITE + Usage(
    {
        "dynamodb.writes": 1,
        "dynamodb.reads": PAGE_READS,
        "cloudfront.transfer": MOST_ITEMS * MOST_DATA_BYTES / units.GB,
    }
)
"""Fifty items of 8 KB, and the count of their reader's address."""


def abused(environment: Environment) -> Iterator[Abused]:
    """The API and its limits are telemetry's."""
    an_address, all_addresses = limits_of_visitors(environment)
    for route, usage in {
        "POST /api/data/{collection}, items of 8 KB": _LARGEST_ITEM,
        f"GET /api/data/{{collection}}, pages of {MOST_ITEMS} such items": _LONGEST_PAGE,
    }.items():
        yield Abused(
            route=route,
            edge=VIEWED,
            origin=usage + VIEWED * -1,
            one_a_second=an_address,
            all_a_second=all_addresses,
        )
