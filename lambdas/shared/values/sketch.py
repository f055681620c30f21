"""Counts different players, in two kilobytes at most.

HyperLogLog with 2^11 registers: the standard error is 1.04/sqrt(2^11), 2.3 %. Sketches of
several days merge into that of all of them. The estimator is Ertl's (arXiv:1702.01284), which
needs no tables and is as good for three players as for millions.
"""

import hashlib
import math
import zlib
from dataclasses import dataclass, field
from typing import Final, Self

_INDEX_BITS: Final = 11
_REGISTERS: Final = 1 << _INDEX_BITS
_RANK_BITS: Final = 64 - _INDEX_BITS
_SCALE: Final = _REGISTERS * _REGISTERS / (2 * math.log(2))


@dataclass(slots=True)
class Sketch:
    """A HyperLogLog sketch."""

    registers: bytearray = field(default_factory=lambda: bytearray(_REGISTERS), repr=False)

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        return cls(bytearray(zlib.decompress(packed)))

    def packed(self) -> bytes:
        """Empty registers compress to nearly nothing, so a quiet day stays small."""
        return zlib.compress(bytes(self.registers), 9)

    def add(self, name: str) -> None:
        digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
        index, rest = digest >> _RANK_BITS, digest & (1 << _RANK_BITS) - 1
        rank = _RANK_BITS - rest.bit_length() + 1
        self.registers[index] = max(self.registers[index], rank)

    def merge(self, other: "Sketch") -> None:
        self.registers = bytearray(map(max, self.registers, other.registers))

    def estimate(self) -> int:
        counts = [0] * (_RANK_BITS + 2)
        for rank in self.registers:
            counts[rank] += 1
        total = _REGISTERS * _tau(1 - counts[-1] / _REGISTERS)
        for count in reversed(counts[1:-1]):
            total = (total + count) / 2
        total += _REGISTERS * _sigma(counts[0] / _REGISTERS)
        return round(_SCALE / total)


def _sigma(x: float) -> float:
    if x == 1:
        return math.inf
    weight, before, total = 1.0, -1.0, x
    while total != before:
        x *= x
        before, total = total, total + x * weight
        weight += weight
    return total


def _tau(x: float) -> float:
    if x in (0, 1):
        return 0
    weight, before, total = 1.0, -1.0, 1 - x
    while total != before:
        x = math.sqrt(x)
        weight /= 2
        before, total = total, total - (1 - x) ** 2 * weight
    return total / 3
