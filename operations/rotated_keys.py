"""Further keys that htmlgame keys rotate can rotate: KEYS in operations/<name>/rotated_keys.py."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RotatedKeys:
    option: str
    """Of keys rotate, without its hyphens."""
    help: str
    function: str
    """The Lambda that rotates them. It returns {"madeAt": seconds}."""
    sentence: str
    count: int = 1
