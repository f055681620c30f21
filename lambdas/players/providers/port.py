"""What a provider is given, and what it gives."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lambdas.players.fetching import Http
from lambdas.players.users import Proof
from lambdas.shared.http.errors import Malformed

Prove = Callable[[Mapping[str, Any], int], Proof]
"""Takes the fields that were sent and the moment in seconds; raises BadProof."""


class Ports(NamedTuple):
    http: Http
    parameter: Callable[[str], str]
    """Reads a secret from SSM by its name."""


def text_in(sent: Mapping[str, Any], field: str, most: int) -> str:
    value = sent.get(field)
    if not isinstance(value, str) or not 1 <= len(value) <= most or not value.isascii():
        raise Malformed(field, f"not a text of 1 to {most} ASCII characters")
    return value
