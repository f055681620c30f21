"""What a command needs, how it is run, and what it prints."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from config import names
from lambdas.shared.edge_store import EdgeStore
from local.edge.control import key_value_store_client
from tests.e2e.operator import Operator
from tests.system import System

T = TypeVar("T")


@dataclass(frozen=True)
class Stage:
    system: System
    htmlgame: Operator
    folder: Path

    @property
    def store(self) -> EdgeStore:
        client = key_value_store_client(self.system.cloud)
        return EdgeStore(client, self.system.parameter(names.EDGE_STORE_ARN))

    @property
    def cloudfront(self) -> Any:
        return self.system.cloud.client("cloudfront")

    def table(self, kind: Callable[[Any, str], T], parameter: str) -> T:
        """A table of the deployed system, as its own functions open it."""
        return kind(self.system.cloud.client("dynamodb"), self.system.parameter(parameter))


@dataclass(frozen=True)
class Change:
    arguments: list[str]
    question: str
    done: str
    shown: str = ""
    """Before the question."""
    recorded: dict[str, Any] = field(default_factory=dict)
    again: str = ""
    """What the same command prints after it has succeeded."""


Reading = tuple[list[str], str, set[str]]
"""The arguments, a part of the output for people, and the names in the output for programs."""
Readings = dict[str, Reading | Callable[[Stage], AbstractContextManager[Reading]]]
Changes = dict[str, Change | Callable[[Stage], AbstractContextManager[Change]]]
Wrongs = dict[str, list[tuple[list[str], int, str]]]
"""Arguments, exit code, and a part of the error."""
