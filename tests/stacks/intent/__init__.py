"""What is meant to be deployed, written from what each part is for.

Each module holds the rows of one part and imports nothing of what is deployed, so a mistake in a
stack cannot repeat itself here. test_intent.py compares the rows with the synthesised templates in
both directions. A new capability adds a module; no list names it.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from tests.stacks.intent.places import Place
from tests.stacks.intent.rows import Row

_NOT_PARTS = {"places", "rows"}


def intended(place: Place) -> Iterator[Row]:
    for module in iter_modules(__path__):
        if module.name not in _NOT_PARTS:
            yield from import_module(f"{__name__}.{module.name}").rows(place)
