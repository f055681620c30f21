"""CloudFront's path patterns: * is any run of characters, ? is any one, case counts."""

from functools import cache


def normal(pattern: str) -> str:
    """A leading slash makes no difference to CloudFront."""
    return pattern if pattern.startswith(("/", "*")) else f"/{pattern}"


def covers(broad: str, narrow: str) -> bool:
    """Whether every path that the narrow pattern takes is taken by the broad one."""
    return _covers(normal(broad), normal(narrow))


def overlap(one: str, other: str) -> bool:
    """Whether there is a path that both take."""
    return _overlap(normal(one), normal(other))


@cache
def _covers(broad: str, narrow: str) -> bool:
    if not broad:
        return not narrow
    if broad[0] == "*":
        return _covers(broad[1:], narrow) or (bool(narrow) and _covers(broad, narrow[1:]))
    if not narrow or narrow[0] == "*":
        return False
    return (broad[0] == "?" or broad[0] == narrow[0]) and _covers(broad[1:], narrow[1:])


@cache
def _overlap(one: str, other: str) -> bool:
    if not one or not other:
        return (one or other).strip("*") == ""
    if one[0] == "*":
        return _overlap(one[1:], other) or _overlap(one, other[1:])
    if other[0] == "*":
        return _overlap(other, one)
    return (one[0] == other[0] or "?" in (one[0], other[0])) and _overlap(one[1:], other[1:])
