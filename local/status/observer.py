"""Reads the local cloud in a thread of its own, and only while a status page is open."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from local.cloud import Cloud
from local.status.clients import Clients
from local.status.panels import panels
from local.status.parts import UNREACHABLE, Parts
from local.status.spent import Spent
from local.status.stacks import stacks

Json = dict[str, Any]

_BELIEVED_SECONDS: Final = 1.0
_SHARE: Final = 4
"""A look that took a second is followed by a pause of four, to leave the cloud to others."""


@dataclass(frozen=True, slots=True)
class View:
    """The latest state of the cloud, with each part from the last time it could be read."""

    at: float | None = None
    unreachable: str | None = None
    parts: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, list[Json]] = field(default_factory=dict)
    """The log lines of each request, by its id at the edge."""
    secrets: frozenset[str] = frozenset()


class Observer:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._since_ms = 0
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "edge-status")
        self._looking: Future[None] | None = None
        self._rest_until = 0.0
        self._eyes: _Eyes | None = None
        self._view = View()

    def begin(self) -> None:
        """Counts log lines from now on."""
        self._since_ms = int(time.time() * 1000)

    def view(self, patience: float) -> View:
        """About a second old at most, or as old as the cloud's last answer."""
        with self._lock:
            if self._looking is None and time.monotonic() >= self._rest_until:
                self._looking = self._worker.submit(self._look)
            looking = self._looking
        if looking is not None:
            with suppress(TimeoutError):
                looking.result(patience)
        return self._view

    def forget(self) -> None:
        """Makes the next view read everything again."""
        with self._lock:
            looking = self._looking
        if looking is not None:
            looking.result()
        with self._lock:
            self._rest_until = 0.0

    def close(self) -> None:
        self._worker.shutdown(cancel_futures=True)
        if self._eyes is not None:
            self._eyes.close()

    def _look(self) -> None:
        started = time.monotonic()
        try:
            if self._eyes is None:
                self._eyes = _Eyes(self._cloud, self._since_ms)
            self._view = self._eyes.look(self._view)
        finally:
            now = time.monotonic()
            rest = 0 if self._view.unreachable else _SHARE * (now - started)
            with self._lock:
                self._rest_until = now + max(_BELIEVED_SECONDS, rest)
                self._looking = None


class _Eyes:
    """The clients, and everything that need not be read twice."""

    def __init__(self, cloud: Cloud, since_ms: int) -> None:
        self._clients = Clients(cloud)
        self._panels = [panel(self._clients) for panel in panels()]
        self._spent = Spent(since_ms)

    def close(self) -> None:
        self._clients.close()

    def look(self, before: View) -> View:
        parts = Parts()
        try:
            parts.see("stacks", lambda: stacks(self._clients.cloudformation, self._clients.ssm))
            for panel in self._panels:
                panel.look(parts)
            parts.see("spent", self._read_logs)
        except UNREACHABLE as error:
            return replace(before, unreachable=str(error))
        secrets = {secret for panel in self._panels for secret in panel.secrets()}
        return View(
            at=time.time(),
            parts=parts.seen,
            problems=parts.problems,
            lines=self._spent.by_request(),
            secrets=before.secrets | secrets,
        )

    def _read_logs(self) -> list[Json]:
        self._spent.read(self._clients.logs, self._billed_read_units)
        return self._spent.totals()

    def _billed_read_units(self, line: Json) -> float | None:
        known = (panel.billed_read_units(line) for panel in self._panels)
        return next((units for units in known if units is not None), None)
