"""Records what happened to a request, and why."""

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
    """Holds no query, header, cookie or body, because those contain secrets."""

    time: float
    method: str
    path: str
    id: str = ""
    behaviour: str | None = None
    function: str | None = None
    engine: str | None = None
    decision: str | None = None
    """The functions' decision."""
    reads: tuple[str, ...] = ()
    """Keys that the functions read from their store."""
    logged: tuple[str, ...] = ()
    function_ms: float = 0
    cache: str = "none"
    age: int | None = None
    """Seconds that the answer had been cached for."""
    origin: str | None = None
    origin_status: int | None = None
    origin_ms: float = 0
    status: int = 0
    code: str | None = None
    message: str | None = None
    """The reason that the viewer received for a refusal."""
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
        """Removes these values from everything that functions and origins say later."""
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
        """Records a failure of the edge itself, whatever the final answer is."""
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
    """The record of a request that could not be parsed."""
    handled = Handled(at, method, path)
    handled.fail(error)
    handled.conclude(Request(method, path), error.response)
    return handled


def _refusal_in(response: Response) -> tuple[str | None, str | None]:
    """Code and message of a refusal in this project's format: {"error": {"code", "message"}}."""
    if len(response.body) > _LARGEST_REFUSAL:
        return None, None
    try:
        body: Any = json.loads(response.body)
    except ValueError:
        return None, None
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None, None
    code, message = error.get("code"), error.get("message")
    return (
        code if isinstance(code, str) else None,
        message if isinstance(message, str) else None,
    )
