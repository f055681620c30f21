"""Sorts whole numbers of any size into buckets: 0, 1, 2 to 4, 5 to 9, 10 to 19, 20 to 49 …"""

from collections.abc import Mapping
from typing import Final

_STEPS: Final = (1, 2, 5, 10)


def bucket(number: int) -> int:
    """The bucket's name, which is its number nearest to zero."""
    if number == 0:
        return 0
    size = abs(number)
    power: int = 10 ** (len(str(size)) - 1)
    nearest = max(step for step in _STEPS if step * power <= size) * power
    return nearest if number > 0 else -nearest


def bounds(name: int) -> tuple[int, int]:
    """The bucket's smallest and largest number."""
    if name == 0:
        return 0, 0
    size = abs(name)
    power: int = 10 ** (len(str(size)) - 1)
    farthest = power * _STEPS[_STEPS.index(size // power) + 1] - 1
    return (size, farthest) if name > 0 else (-farthest, -size)


def as_rows(counts: Mapping[int, int]) -> list[dict[str, int]]:
    rows = []
    for name in sorted(counts):
        smallest, largest = bounds(name)
        rows.append({"from": smallest, "to": largest, "count": counts[name]})
    return rows
