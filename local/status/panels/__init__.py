"""Panels of the status page, by capability.

A capability's panels are in the module of its name here, if it has any: a class `Panels` that
reads the local cloud. page/panels/<capability>.js shows what it has read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Protocol

from config.environments import LOCAL
from config.manifests import enabled
from local.status.clients import Clients
from local.status.parts import Parts

Json = dict[str, Any]


class Panels(Protocol):
    PARTS: ClassVar[tuple[str, ...]]
    """Names of the parts that look() sees."""

    def __init__(self, clients: Clients) -> None: ...

    def look(self, parts: Parts) -> None: ...

    def secrets(self) -> Iterable[str]:
        """Values that must not appear on the page."""

    def billed_read_units(self, line: Json) -> float | None:
        """Read units of a logged request by DynamoDB's published rules, if known."""


class NoPanels:
    """What a capability's panels leave out."""

    PARTS: ClassVar[tuple[str, ...]] = ()

    def secrets(self) -> Iterable[str]:
        return ()

    def billed_read_units(self, line: Json) -> float | None:  # noqa: ARG002
        return None


def with_panels() -> list[str]:
    """The capabilities that have panels."""
    names = [capability.name for capability in enabled(LOCAL)]
    return [name for name in names if find_spec(f"{__name__}.{name}")]


def panels() -> Iterator[type[Panels]]:
    for name in with_panels():
        found: type[Panels] = import_module(f"{__name__}.{name}").Panels
        yield found
