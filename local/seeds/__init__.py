"""What make dev puts into a fresh local system, so that its pages have something to show.

A capability's seeds are in the module of its name, if it has any. The module has `seed(cloud)`,
and may have `hints(site)`: lines for the greeting of make dev.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from config.environments import LOCAL
from config.manifests import enabled
from local.cloud import Cloud

Hint = tuple[str, str]
"""A label, and what to say about it."""


class SeedError(Exception):
    """Why the deployed system refused its seeds."""


def seed_all(cloud: Cloud) -> None:
    for module in _modules():
        module.seed(cloud)


def all_hints(site: str) -> list[Hint]:
    return [
        hint for module in _modules() if hasattr(module, "hints") for hint in module.hints(site)
    ]


def _modules() -> Iterator[ModuleType]:
    for capability in enabled(LOCAL):
        if find_spec(f"{__name__}.{capability.name}"):
            yield import_module(f"{__name__}.{capability.name}")
