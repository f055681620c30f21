"""The parts of one look at the local cloud. A part that fails does not hide the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

T = TypeVar("T")

UNREACHABLE: Final = (NoConnectionError, HTTPClientError)


class Parts:
    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.problems: dict[str, str] = {}

    def see(self, name: str, ask: Callable[[], Any]) -> None:
        self.seen[name] = self.ask(name, ask)

    def ask(self, name: str, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except UNREACHABLE:
            raise
        except (BotoCoreError, ClientError, LookupError, TypeError, ValueError) as error:
            self.problems[name] = f"{type(error).__name__}: {error}"
            return None
