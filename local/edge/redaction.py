"""Removes secrets from the records of requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cf_functions.harness import Store
from local.edge.messages import Request

HIDDEN: Final = "(hidden)"
_SECRET_NAME: Final = re.compile(
    "auth|cookie|credential|jwt|key|lock|pass|secret|session|sig|token|verify"
)
_TOKEN: Final = re.compile(r"[\w-]{20,}\.[\w-]{20,}(\.[\w-]{20,})?")
_SHORTEST: Final = 8
_PUBLIC_KEYS: Final = ("cfgthr#", "ban#", "limits#")


class Redactor:
    """Replaces these texts, and everything that looks like a token."""

    def __init__(self, secrets: Iterable[str]) -> None:
        worth = {secret for secret in secrets if len(secret) >= _SHORTEST}
        self._longest_first = sorted(worth, key=len, reverse=True)

    def text(self, text: str) -> str:
        for secret in self._longest_first:
            text = text.replace(secret, HIDDEN)
        return _TOKEN.sub(HIDDEN, text)

    def all(self, value: Any) -> Any:
        """Redacts every text in a JSON value, including names."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.text(str(name)): self.all(each) for name, each in value.items()}
            case list() | tuple():
                return [self.all(each) for each in value]
            case _:
                return value


def secrets_of(request: Request) -> Iterator[str]:
    """The values of secret headers and of all cookies."""
    for name, value in request.headers:
        if _SECRET_NAME.search(name):
            yield value
            yield value.rpartition(" ")[2]
    yield from (value for _, value in request.cookies)
    yield from (value for name, value in request.parameters if _SECRET_NAME.search(name.lower()))


def secrets_in(store: Store) -> Iterator[str]:
    """Values of entries that are neither of a game nor a ban, which may be keys."""
    for key, value in store.values.items():
        if not key.startswith(_PUBLIC_KEYS):
            yield value
            yield value.partition(":")[2]


def secrets_of_origin(origin: Mapping[str, Any]) -> Iterator[str]:
    for header in origin.get("CustomHeaders", {}).get("Items", ()):
        yield header["HeaderValue"]
