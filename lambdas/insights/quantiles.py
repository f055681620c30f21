"""Quantiles of durations, from counts in logarithmic buckets.

Each bucket ends 2 % above the one before it. A quantile is the middle of its bucket, so it is at
most 1 % away from the value that a sort of all durations gives. Two sketches merge by adding their
counts, in any order. The views in Athena use the same buckets.
"""

import math
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self

BASE: Final = 1.02
LEAST_MS: Final = 0.05
ERROR: Final = (BASE - 1) / (BASE + 1)
"""The largest relative error of a quantile, for durations of at least LEAST_MS."""
_LOG: Final = math.log(BASE)
_LOWEST: Final = -1000
"""Below every bucket, so that the packed steps between buckets are positive."""


@dataclass(slots=True)
class Quantiles:
    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, ms: float) -> None:
        self.buckets[bucket_of(ms)] += 1

    def merge(self, other: "Quantiles") -> None:
        self.buckets.update(other.buckets)

    def at(self, share: float) -> float | None:
        """The duration that this share of all durations does not exceed; None where none is."""
        rank, passed = share * (self.buckets.total() - 1), 0
        for bucket in sorted(self.buckets):
            passed += self.buckets[bucket]
            if passed > rank:
                return middle_of(bucket)
        return None

    def packed(self) -> bytes:
        steps, last = bytearray(), _LOWEST
        for bucket in sorted(self.buckets):
            _append(steps, bucket - last)
            _append(steps, self.buckets[bucket])
            last = bucket
        return zlib.compress(bytes(steps), 9)

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        numbers = _numbers(zlib.decompress(packed))
        buckets: Counter[int] = Counter()
        last = _LOWEST
        for step, times in zip(numbers, numbers, strict=True):
            last += step
            buckets[last] = times
        return cls(buckets)


def bucket_of(ms: float) -> int:
    return math.ceil(math.log(max(ms, LEAST_MS)) / _LOG)


def middle_of(bucket: int) -> float:
    """The value that is equally far, relatively, from both ends of the bucket."""
    return float(2 * BASE**bucket / (BASE + 1))


def _append(content: bytearray, number: int) -> None:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    while number > 0x7F:
        content.append(number & 0x7F | 0x80)
        number >>= 7
    content.append(number)


def _numbers(content: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in content:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte <= 0x7F:
            yield number
            number = shift = 0
