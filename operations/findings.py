"""What a check finds: the state of one part of the system, and the fix where there is one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

State = Literal["ok", "note", "broken", "skipped", "detail"]
_MARKS: Final[dict[State, str]] = {
    "ok": "✓",
    "note": "!",
    "broken": "✗",
    "skipped": "–",
    "detail": " ",
}


@dataclass(frozen=True, slots=True)
class Finding:
    state: State
    detail: str
    fix: str = ""
    name: str = ""
    """The check that found it, where several checks are listed together."""
    seconds: float = 0

    @property
    def mark(self) -> str:
        return _MARKS[self.state]

    def __str__(self) -> str:
        return f"{self.mark} {self.detail}" + (f"\n  fix: {self.fix}" if self.fix else "")


Findings = Iterator[Finding]


class Broken(Exception):
    """Raised by a check: what is wrong, and the fix where the check knows one."""

    def __init__(self, detail: str, fix: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = fix


class Skipped(Exception):
    """Raised by a check that does not apply to this environment; the message says why."""


def deploy(*stacks: str) -> str:
    """The fix for something that a deploy creates."""
    return f"deploy {', '.join(dict.fromkeys(stacks))}: make deploy"
