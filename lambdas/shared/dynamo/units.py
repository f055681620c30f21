"""Request units, as DynamoDB bills them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

THROTTLED: Final = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}
"""Error codes of calls that may succeed a moment later."""


@dataclass(slots=True)
class Spent:
    """Request units that calls have cost."""

    reads: float = 0
    writes: float = 0

    def read(self, answer: Mapping[str, Any]) -> None:
        self.reads += _units(answer)

    def wrote(self, answer: Mapping[str, Any]) -> None:
        self.writes += _units(answer)


def _units(answer: Mapping[str, Any]) -> float:
    """Sums the tables of a call: batches and transactions report each table they touch."""
    consumed = answer["ConsumedCapacity"]
    tables = consumed if isinstance(consumed, list) else [consumed]
    return float(sum(each["CapacityUnits"] for each in tables))
