"""Finds what capabilities contribute to operations, by the names of files.

A capability adds operations/<capability>/commands.py, checks.py, costs.py and so on; a new
capability adds a folder and changes no existing file. Subjects that are no capability, such as
the site, contribute in the same way.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final, TypeVar

from config.capabilities import NAMES as NAMES

ROOT: Final = Path(__file__).resolve().parents[1]
_OPERATIONS: Final = Path(__file__).parent
T = TypeVar("T")


def modules(pattern: str, rooms: Iterable[str] = NAMES) -> Iterator[ModuleType]:
    """Imports the modules operations/<room>/<pattern>.py, in the order of rooms and names."""
    for room in rooms:
        for path in sorted((_OPERATIONS / room).glob(f"{pattern}.py")):
            yield import_module(f"operations.{room}.{path.stem}")


def members(module: ModuleType, kind: type[T]) -> Iterator[T]:
    """The objects of this kind in a module, in the order of its source."""
    yield from (value for value in vars(module).values() if isinstance(value, kind))
