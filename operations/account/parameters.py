"""Reads SSM parameters, for all of operations."""

from collections.abc import Callable, Collection
from typing import Any, Final

Clients = Callable[[str], Any]
"""Returns the client of an AWS service by its name."""
_MOST_NAMES: Final = 10
"""GetParameters takes ten names."""


def read_parameter(name: str, clients: Clients) -> str | None:
    """The decrypted value, or None if there is no such parameter."""
    ssm = clients("ssm")
    try:
        return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return None


def missing_parameters(wanted: Collection[str], clients: Clients) -> list[str]:
    names, found = list(wanted), set()
    for start in range(0, len(names), _MOST_NAMES):
        answer = clients("ssm").get_parameters(Names=names[start : start + _MOST_NAMES])
        found |= {parameter["Name"] for parameter in answer["Parameters"]}
    return [name for name in names if name not in found]
