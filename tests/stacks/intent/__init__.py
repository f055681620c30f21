"""The intended content of each stack, written from the purpose of its parts.

Each module holds the rows of one part. It imports nothing from config, lambdas or stacks, so that
a mistake there cannot repeat itself here. test_intent.py compares the rows with the synthesised
templates in both directions. A new capability adds a module; no list names it.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import Row

_NOT_PARTS = {"environments", "rows"}


def intended(environment: Environment) -> Iterator[Row]:
    for module in iter_modules(__path__):
        if module.name not in _NOT_PARTS:
            yield from import_module(f"{__name__}.{module.name}").rows(environment)
