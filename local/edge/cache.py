"""What the edge keeps of its origins' answers: under which key, and for how long."""

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
        """What an invalidation's path has to match."""
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
    """Asks for all of it, whatever this viewer has already."""
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
    if_error: float = 0


def lifetime(response: Response, policy: CachePolicy, now: float) -> Lifetime:
    directives = cache_directives(response.header("cache-control") or "")
    if not policy.caches or response.status not in _KEPT:
        return Lifetime()
    if directives.keys() & {"no-store", "no-cache", "private"}:
        return Lifetime(policy.min_ttl)
    asked = _asked(directives, response.header("expires"), now)
    fresh = policy.default_ttl if asked is None else min(asked, policy.max_ttl)
    return Lifetime(
        max(fresh, policy.min_ttl),
        min(_seconds(directives.get("stale-while-revalidate")) or 0, policy.max_ttl),
        min(_seconds(directives.get("stale-if-error")) or 0, policy.max_ttl),
    )


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
        return now < self.asked_at + self.lifetime.fresh + self.lifetime.if_error


@dataclass(frozen=True, slots=True)
class Asked:
    """When an origin was, by the clock and by the cache's count of invalidated paths."""

    at: float
    mark: int


class Cache:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[Key, Entry] = {}
        self._refreshing: set[Key] = set()
        self._dropped = 0
        self._latest_drops: deque[str] = deque(maxlen=_REMEMBERED_DROPS)

    def look_up(self, key: Key) -> Entry | None:
        with self._lock:
            return self._entries.get(key)

    def asking(self) -> Asked:
        """To be taken before an origin is asked: invalidations may come in while it answers."""
        with self._lock:
            return Asked(self._clock(), self._dropped)

    def keep(self, key: Key, response: Response, policy: CachePolicy, asked: Asked) -> None:
        life = lifetime(response, policy, self._clock())
        with self._lock:
            if self._dropped_since(asked.mark, key):
                return
            if life.fresh > 0 or life.while_revalidate > 0:
                self._entries[key] = Entry(response, asked.at, life)
            elif response.status < 500:
                self._entries.pop(key, None)

    def drop(self, paths: Iterable[str]) -> None:
        """Also what is being fetched at this moment and may be old news."""
        with self._lock:
            for path in paths:
                self._dropped += 1
                self._latest_drops.append(path)
                for key in [key for key in self._entries if invalidates(path, key.target)]:
                    del self._entries[key]

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
