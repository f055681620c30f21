"""One run of a command: the target it works on, where its output goes, and the time it began."""

import time
from typing import Any, TypeVar

from operations.account.parameters import read_parameter
from operations.cli.output import Output
from operations.cli.target import Target
from operations.errors import NotDeployed

T = TypeVar("T")


class Session:
    def __init__(self, target: Target, output: Output) -> None:
        self.target = target
        self.output = output
        self.now_ms = time.time_ns() // 1_000_000
        self._owned: dict[type[Any], Any] = {}

    def own(self, kind: type[T]) -> T:
        """The session's one instance of a capability's class, made from the session."""
        if kind not in self._owned:
            self._owned[kind] = kind(self)  # type: ignore[call-arg]
        instance: T = self._owned[kind]
        return instance

    def parameter(self, name: str, stack: str) -> str:
        """The SSM parameter that the stack writes; raises NotDeployed if it is missing."""
        value = read_parameter(name, self.target.shared)
        if value is None:
            raise NotDeployed(name, stack)
        return value
