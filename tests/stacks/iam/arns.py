"""Whether an ARN of a policy can name a resource of a type."""

import re
from functools import cache
from typing import Final

_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_WITHIN: Final = {
    "ApiSpecificResourcePath": "path",
    "LogGroupName": "path",
    "LogStreamName": "path",
    "ObjectName": "any",
    "OidcProviderName": "path",
    "ParameterNameWithoutLeadingSlash": "path",
    # Ids of Bedrock's models and profiles end in a version: amazon.nova-micro-v1:0
    "ResourceId": "versioned",
}
"""The characters of a variable's value: a path may have slashes, any other also colons."""
_BARRED: Final = {"segment": ":/", "path": ":", "versioned": "/", "any": ""}

Token = tuple[str, bool]
"""A character or the name of a class of them, and whether it may occur any number of times."""


@cache
def may_name(pattern: str, arn: str) -> bool:
    """Some resource has the form of the ARN with ${Variables} and fits the pattern with * and ?."""
    return _overlap(_of_pattern(pattern), _of_arn(arn))


def _of_pattern(pattern: str) -> tuple[Token, ...]:
    wild = {"*": ("any", True), "?": ("any", False)}
    return tuple(wild.get(each, (each, False)) for each in pattern)


def _of_arn(arn: str) -> tuple[Token, ...]:
    """A variable has a character or more."""
    tokens: list[Token] = []
    for place, part in enumerate(_VARIABLE.split(arn)):
        if place % 2:
            within = "path" if part.endswith("WithPath") else _WITHIN.get(part, "segment")
            tokens += [(within, False), (within, True)]
        else:
            tokens += [(each, False) for each in part]
    return tuple(tokens)


def _overlap(left: tuple[Token, ...], right: tuple[Token, ...]) -> bool:
    """Reads both at once; a position is the pair of indexes read so far."""
    places, seen = [(0, 0)], {(0, 0)}
    while places:
        here = places.pop()
        if here == (len(left), len(right)):
            return True
        for there in _steps(left, right, *here):
            if there not in seen:
                seen.add(there)
                places.append(there)
    return False


def _steps(
    left: tuple[Token, ...], right: tuple[Token, ...], i: int, j: int
) -> list[tuple[int, int]]:
    one = left[i] if i < len(left) else None
    other = right[j] if j < len(right) else None
    steps = []
    if one and one[1]:
        steps.append((i + 1, j))
    if other and other[1]:
        steps.append((i, j + 1))
    if one and other and _share_a_character(one[0], other[0]):
        steps.append((i + (not one[1]), j + (not other[1])))
    return steps


def _share_a_character(one: str, other: str) -> bool:
    if one in _BARRED:
        return other in _BARRED or other not in _BARRED[one]
    if other in _BARRED:
        return one not in _BARRED[other]
    return one == other
