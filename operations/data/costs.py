"""What custom data costs."""

from collections.abc import Iterator
from typing import Final

from config import units
from config.environments import Environment
from config.units import THROUGH_THE_SITE, Usage
from operations.costs.part import Abused
from operations.telemetry.costs import VIEWED, limits_of_visitors

_LARGEST_ITEM: Final = THROUGH_THE_SITE + Usage(
    {"dynamodb.writes": 2 + 9, "cloudfront.upload": 8_192 / units.GB}
)
"""An item of 8 KB, the count of its project and the count of its address. A month's storage is
limited by the project's quota."""


def abused(environment: Environment) -> Iterator[Abused]:
    """The API and its limits are telemetry's."""
    an_address, all_addresses = limits_of_visitors(environment)
    yield Abused(
        route="POST /api/data/{collection}, items of 8 KB",
        edge=VIEWED,
        origin=_LARGEST_ITEM + VIEWED * -1,
        one_a_second=an_address,
        all_a_second=all_addresses,
    )
