"""Request units, as DynamoDB bills them."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

THROTTLED: Final = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}
"""Codes of errors that the same call may not meet a moment later."""


@dataclass(slots=True)
class Spent:
    reads: float = 0
    writes: float = 0

    def read(self, answer: dict[str, Any]) -> None:
        self.reads += _units(answer)

    def wrote(self, answer: dict[str, Any]) -> None:
        self.writes += _units(answer)


class Metered(Protocol):
    """A table that adds what its calls cost to a count that its caller may replace."""

    spent: Spent


def _units(answer: dict[str, Any]) -> float:
    """Of one call's answer; calls that may name several tables tell of each."""
    consumed = answer["ConsumedCapacity"]
    tables = consumed if isinstance(consumed, list) else [consumed]
    return float(sum(each["CapacityUnits"] for each in tables))
