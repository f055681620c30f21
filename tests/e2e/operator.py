"""An operator at a shell: what a command printed, and how it ended."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document that stdout is, of a command that went well."""
        assert self.code == 0, self.err
        assert self.err == ""
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        assert self.code == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> Any:
        assert self.out == ""
        return json.loads(self.err)["error"]


Operator = Callable[..., Said]


class _Keyboard:
    def __init__(self, typed: str, meanwhile: Callable[[], object]) -> None:
        self._typed = io.StringIO(typed)
        self._meanwhile = meanwhile

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        self._meanwhile()
        return self._typed.readline()


def sit_down(
    monkeypatch: pytest.MonkeyPatch, typed: str, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Commands are run at a terminal; `meanwhile` happens while one waits for its answer."""
    monkeypatch.setattr(sys, "stdin", _Keyboard(typed, meanwhile))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
