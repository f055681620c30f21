"""What happened to a request, and why."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from cf_functions.harness import Outcome
from local.edge.messages import EdgeError, Request, Response
from local.edge.redaction import Redactor, secrets_of

_LARGEST_REFUSAL: Final = 8_192
_LONGEST_TEXT: Final = 500

Verdict = Literal["answered", "refused", "forwarded", "cached", "failed"]


@dataclass(slots=True)
class Handled:
    """Never its query, headers, cookies or body: those hold secrets."""

    time: float
    method: str
    path: str
    id: str = ""
    behaviour: str | None = None
    function: str | None = None
    engine: str | None = None
    decision: str | None = None
    """What the functions made of it."""
    reads: tuple[str, ...] = ()
    """Keys that the functions asked their store for."""
    logged: tuple[str, ...] = ()
    function_ms: float = 0
    cache: str = "none"
    age: int | None = None
    """Seconds the cache had had the answer for."""
    origin: str | None = None
    origin_status: int | None = None
    origin_ms: float = 0
    status: int = 0
    code: str | None = None
    message: str | None = None
    """Why it was refused, as the viewer was told."""
    failed: bool = False
    ms: float = 0
    _secrets: list[str] = field(default_factory=list, repr=False)

    @property
    def verdict(self) -> Verdict:
        if self.decision == "failed":
            return "failed"
        if self.cache in ("hit", "stale"):
            return "cached"
        if self.failed and self.status >= 500:
            return "failed"
        if self.origin is not None:
            return "forwarded"
        return "refused" if self.status >= 400 else "answered"

    def keep_secret(self, secrets: Iterable[str]) -> None:
        """They may stand in what a function or an origin says later on."""
        self._secrets.extend(secrets)

    def hear(self, outcome: Outcome) -> None:
        self.reads += tuple(outcome.reads)
        self.logged += tuple(str(line) for line in outcome.logged)

    @contextmanager
    def timing(self, what: Literal["function_ms", "origin_ms"]) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - started) * 1000
            setattr(self, what, round(getattr(self, what) + spent, 1))

    def fail(self, error: Exception) -> None:
        """The edge could not go on by itself, whatever is answered in the end."""
        self.failed, self.message = True, str(error)

    def conclude(self, request: Request, response: Response) -> None:
        self.status = response.status
        if response.status >= 400 and not self.failed:
            self.code, self.message = _refusal_in(response)
        redactor = Redactor([*self._secrets, *secrets_of(request)])
        self._secrets.clear()
        self.path = _cut(redactor.text(self.path))
        self.reads = tuple(_cut(redactor.text(key)) for key in self.reads)
        self.logged = tuple(_cut(redactor.text(line)) for line in self.logged)
        self.code = self.code and _cut(redactor.text(self.code))
        self.message = self.message and _cut(redactor.text(self.message))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def rejected(error: EdgeError, at: float, method: str, path: str) -> Handled:
    """What was not even a request."""
    handled = Handled(at, method, path)
    handled.fail(error)
    handled.conclude(Request(method, path), error.response)
    return handled


def _refusal_in(response: Response) -> tuple[str | None, str | None]:
    """This project's answers say {"error": {"code", "message"}}, others what they like."""
    if len(response.body) > _LARGEST_REFUSAL:
        return None, None
    try:
        said: Any = json.loads(response.body)
    except ValueError:
        return None, None
    error = said.get("error") if isinstance(said, dict) else None
    if not isinstance(error, dict):
        return None, None
    code, message = error.get("code"), error.get("message")
    return (
        code if isinstance(code, str) else None,
        message if isinstance(message, str) else None,
    )
