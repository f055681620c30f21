"""Stands in for the services outside AWS that capabilities call. Never deployed.

A capability's stand-ins are in the module of its name, if it has any. The module has
`twin(directory)`, which returns a Twin.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

from config.environments import LOCAL
from config.manifests import enabled

DOMAIN: Final = "htmlgame.localhost"
"""Host names below it are those of stand-ins, to the emulator and its Lambdas."""


class Twin(Protocol):
    @property
    def hosts(self) -> tuple[str, ...]:
        """Their host names below DOMAIN."""
        ...

    @property
    def port(self) -> int: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def environment(self) -> Mapping[str, str]:
        """Environment variables of the emulator and its Lambdas."""
        ...

    def parameters(self) -> Mapping[str, str]:
        """SSM parameters, which an operator writes on AWS or which pages need here."""
        ...


def twins(directory: Path) -> Iterator[Twin]:
    for capability in enabled(LOCAL):
        if find_spec(f"{__name__}.{capability.name}"):
            twin: Twin = import_module(f"{__name__}.{capability.name}").twin(directory)
            yield twin
