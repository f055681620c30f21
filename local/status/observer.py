"""Looks at the local cloud from a thread of its own, and only while somebody looks here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from config import names
from local.access.loopback import key_value_store_client
from local.cloud import Cloud
from local.status.boards import Boards, boards
from local.status.distribution import Invalidations, LiveDistribution
from local.status.spent import Spent
from local.status.stacks import stacks
from local.status.stores import Stores

Json = dict[str, Any]
T = TypeVar("T")

_BELIEVED_SECONDS: Final = 1.0
_SHARE: Final = 4
"""A look that took a second is followed by four without one: others use this cloud too."""
_HASTY: Final = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})
_UNREACHABLE: Final = (NoConnectionError, HTTPClientError)


@dataclass(frozen=True, slots=True)
class View:
    """What was seen of the cloud, each part as it was when it could last be asked for."""

    at: float | None = None
    unreachable: str | None = None
    parts: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, list[Json]] = field(default_factory=dict)
    """What functions logged of a request, by its id at the edge."""
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
        """What functions log from now on counts."""
        self._since_ms = int(time.time() * 1000)

    def view(self, patience: float) -> View:
        """At most about a second old, or else as old as the cloud's last answer."""
        with self._lock:
            if self._looking is None and time.monotonic() >= self._rest_until:
                self._looking = self._worker.submit(self._look)
            looking = self._looking
        if looking is not None:
            with suppress(TimeoutError):
                looking.result(patience)
        return self._view

    def forget(self) -> None:
        """The next look begins anew, however soon it comes."""
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


_MAKING: Final = threading.Lock()
"""boto3's default session serves ordinary requests, and no session makes two clients at once."""
_SERVICES: Final = ("cloudformation", "ssm", "cloudfront", "dynamodb", "logs")


class _Eyes:
    """The clients, and what need not be asked for twice."""

    def __init__(self, cloud: Cloud, since_ms: int) -> None:
        with _MAKING:
            clients = [cloud.client(service, cloud.session, _HASTY) for service in _SERVICES]
            self._keys = key_value_store_client(cloud.session, cloud.port, _HASTY)
        self._cloudformation, self._ssm, self._cloudfront, self._dynamodb, self._logs = clients
        self._clients = [*clients, self._keys]
        self._stores = Stores(self._cloudfront, self._keys)
        self._invalidations = Invalidations(self._cloudfront)
        self._spent = Spent(since_ms)

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def look(self, before: View) -> View:
        parts = _Parts()
        try:
            parts.see("stacks", lambda: stacks(self._cloudformation, self._ssm))
            secrets = {*self._look_at_edge(parts), *self._stores.secrets}
            self._look_at_scores(parts)
        except _UNREACHABLE as error:
            return replace(before, unreachable=str(error))
        return View(
            at=time.time(),
            parts=parts.seen,
            problems=parts.problems,
            lines=self._spent.by_request(),
            secrets=before.secrets | secrets,
        )

    def _look_at_edge(self, parts: _Parts) -> set[str]:
        live = parts.ask("distribution", lambda: LiveDistribution(self._cloudfront, self._ssm))
        if live is None:
            return set()
        now_ms = int(time.time() * 1000)
        parts.see("distribution", live.told)
        parts.see("stores", lambda: self._stores.told(live.functions, now_ms))
        parts.see("invalidations", lambda: self._invalidations.latest(live.id))
        return set(live.secrets)

    def _look_at_scores(self, parts: _Parts) -> None:
        found = parts.ask("boards", self._boards) or Boards({}, [])
        if "boards" not in parts.problems:
            parts.see("boards", found.told)
            parts.see("ledger", lambda: found.ledger)
        parts.see("spent", lambda: self._read_logs(found.units))

    def _boards(self) -> Boards:
        table = self._ssm.get_parameter(Name=names.SCORE_TABLE_NAME)["Parameter"]["Value"]
        return boards(self._dynamodb, table)

    def _read_logs(self, units: Mapping[str, float]) -> list[Json]:
        self._spent.read(self._logs, units)
        return self._spent.totals()


class _Parts:
    """One that fails says so, and the others are seen all the same."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.problems: dict[str, str] = {}

    def see(self, name: str, ask: Callable[[], Any]) -> None:
        self.seen[name] = self.ask(name, ask)

    def ask(self, name: str, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except _UNREACHABLE:
            raise
        except (BotoCoreError, ClientError, LookupError, TypeError, ValueError) as error:
            self.problems[name] = f"{type(error).__name__}: {error}"
            return None
