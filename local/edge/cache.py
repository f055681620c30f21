"""Caches origins' answers: under which key, and for how long."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Final

from local.edge.messages import Request, Response, without
from local.edge.patterns import invalidates
from local.edge.policies import CachePolicy

_REMEMBERED_DROPS: Final = 1_000
_KEPT: Final = frozenset({200, 203, 204, 300, 301, 302, 303, 307, 308})
_FAILED: Final = frozenset({404, 405, 414, 500, 501, 502, 503, 504})
"""Cached for a while even if nothing else is."""
_REFUSED: Final = frozenset({400, 403, 412, 415})
"""Cached like those, but only if the origin says for how long."""
_PARTIAL: Final = frozenset(
    {"if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"}
)


@dataclass(frozen=True, slots=True)
class Key:
    distribution: str
    uri: str
    parameters: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[tuple[str, str], ...]
    encodings: tuple[str, ...]

    @property
    def target(self) -> str:
        """The text that an invalidation's path has to match."""
        query = "&".join(f"{name}={value}" for name, value in self.parameters)
        return f"{self.uri}?{query}" if query else self.uri


def key_of(distribution: str, request: Request, policy: CachePolicy) -> Key:
    headers = (pair for pair in request.headers if pair[0] != "cookie")
    return Key(
        distribution,
        request.uri,
        policy.key.parameters.pick(request.parameters),
        tuple(sorted(policy.key.headers.pick(headers))),
        tuple(sorted(policy.key.cookies.pick(request.cookies))),
        encodings_of(request, policy),
    )


def whole(request: Request) -> Request:
    """The request without the headers that ask for a part of the object."""
    return replace(request, headers=without(request.headers, _PARTIAL))


def encodings_of(request: Request, policy: CachePolicy) -> tuple[str, ...]:
    accepted = request.header("accept-encoding") or ""
    offered = {part.partition(";")[0].strip() for part in accepted.split(",")}
    return tuple(encoding for encoding in policy.encodings if encoding in offered)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Seconds: fresh, then served while a newer one is fetched, then served if that fails."""

    fresh: float = 0
    while_revalidate: float = 0
    if_error: float | None = None
    """None: as long as it is cached."""


def lifetime(response: Response, policy: CachePolicy, now: float, error_ttl: float = 0) -> Lifetime:
    directives = cache_directives(response.header("cache-control") or "")
    if response.status >= 400:
        asked = _asked(directives, response.header("expires"), now)
        return Lifetime(_kept_error(response.status, asked, policy, error_ttl))
    if not policy.caches or response.status not in _KEPT:
        return Lifetime()
    if directives.keys() & {"no-store", "no-cache", "private"}:
        return Lifetime(policy.min_ttl)
    asked = _asked(directives, response.header("expires"), now)
    fresh = policy.default_ttl if asked is None else min(asked, policy.max_ttl)
    return Lifetime(
        max(fresh, policy.min_ttl),
        min(_seconds(directives.get("stale-while-revalidate")) or 0, policy.max_ttl),
        _if_error(directives, policy),
    )


def _kept_error(status: int, asked: float | None, policy: CachePolicy, error_ttl: float) -> float:
    if status in _FAILED or (status in _REFUSED and asked is not None):
        return max(error_ttl, min(asked or 0, policy.max_ttl))
    return 0


def _if_error(directives: dict[str, str], policy: CachePolicy) -> float | None:
    if directives.keys() & {"must-revalidate", "proxy-revalidate"}:
        return 0
    seconds = _seconds(directives.get("stale-if-error"))
    return None if seconds is None else min(seconds, policy.max_ttl)


def cache_directives(header: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header.split(",") if part.strip())
    return {name.lower(): value.strip('"') for name, _, value in pairs}


def _asked(directives: dict[str, str], expires: str | None, now: float) -> float | None:
    for name in ("s-maxage", "max-age"):
        seconds = _seconds(directives.get(name))
        if seconds is not None:
            return seconds
    if expires is None:
        return None
    try:
        return max(0.0, parsedate_to_datetime(expires).timestamp() - now)
    except ValueError:
        return 0


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Entry:
    response: Response
    asked_at: float
    lifetime: Lifetime

    def age(self, now: float) -> int:
        return max(0, int(now - self.asked_at))

    def is_fresh(self, now: float) -> bool:
        return now < self.asked_at + self.lifetime.fresh

    def may_revalidate_behind(self, now: float) -> bool:
        life = self.lifetime
        return now < self.asked_at + life.fresh + life.while_revalidate

    def may_cover_an_error(self, now: float) -> bool:
        if_error = self.lifetime.if_error
        return if_error is None or now < self.asked_at + self.lifetime.fresh + if_error


@dataclass(frozen=True, slots=True)
class Asked:
    """The time of a request to an origin, by the clock and by the count of invalidated paths."""

    at: float
    mark: int


class Cache:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[Key, Entry] = {}
        self._errors: dict[Key, Entry] = {}
        self._refreshing: set[Key] = set()
        self._dropped = 0
        self._latest_drops: deque[str] = deque(maxlen=_REMEMBERED_DROPS)

    def look_up(self, key: Key) -> Entry | None:
        with self._lock:
            return self._entries.get(key)

    def look_up_error(self, key: Key) -> Entry | None:
        with self._lock:
            return self._errors.get(key)

    def asking(self) -> Asked:
        """Call before a request to an origin, because invalidations may arrive during it."""
        with self._lock:
            return Asked(self._clock(), self._dropped)

    def keep(
        self,
        key: Key,
        response: Response,
        policy: CachePolicy,
        asked: Asked,
        error_ttl: float = 0,
    ) -> None:
        life = lifetime(response, policy, self._clock(), error_ttl)
        with self._lock:
            if self._dropped_since(asked.mark, key):
                return
            self._errors.pop(key, None)
            if response.status >= 400 and life.fresh > 0:
                self._errors[key] = Entry(response, asked.at, life)
            elif life.fresh > 0 or life.while_revalidate > 0:
                self._entries[key] = Entry(response, asked.at, life)
            elif response.status < 500:
                self._entries.pop(key, None)

    def drop(self, paths: Iterable[str]) -> None:
        """Drops matching entries, and keeps answers that are being fetched from being cached."""
        with self._lock:
            for path in paths:
                self._dropped += 1
                self._latest_drops.append(path)
                for kept in (self._entries, self._errors):
                    for key in [key for key in kept if invalidates(path, key.target)]:
                        del kept[key]

    def begin_refresh(self, key: Key) -> bool:
        with self._lock:
            if key in self._refreshing:
                return False
            self._refreshing.add(key)
            return True

    def end_refresh(self, key: Key) -> None:
        with self._lock:
            self._refreshing.discard(key)

    def _dropped_since(self, mark: int, key: Key) -> bool:
        since = islice(reversed(self._latest_drops), self._dropped - mark)
        return any(invalidates(path, key.target) for path in since)
