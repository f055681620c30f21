"""A stored value that is read again when it is old, and kept where it cannot be read."""

import time
from collections.abc import Callable
from typing import Final

FAILED_READ_WAIT_S: Final = 1
"""Requests of strangers must not each become a call to a store that fails."""


class Reread:
    """Unlike a cache with an expiry, it keeps the last value while the store fails."""

    def __init__(
        self,
        read: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
        on_failure: Callable[[], object] = lambda: None,
    ) -> None:
        self._read = read
        self._clock = clock
        self._on_failure = on_failure
        self._value: str | None = None
        self._read_at = float("-inf")
        self._failure: Exception | None = None

    def _stored(self, now: float, *, oldest_s: float) -> str:
        value = self._value
        if value is None:
            value = self._first(now)
        elif now - self._read_at >= oldest_s:
            self._read_at = now
            try:
                value = self._value = self._read()
            except Exception:
                self._on_failure()
        return value

    def _first(self, now: float) -> str:
        """Raises where the read fails; for a second the same failure answers again."""
        if self._failure is not None and now - self._read_at < FAILED_READ_WAIT_S:
            raise self._failure
        self._read_at = now
        try:
            value = self._value = self._read()
        except Exception as failure:
            self._failure = failure
            raise
        self._failure = None
        return value
