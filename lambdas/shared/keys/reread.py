"""A stored value that is read again when it is old, and kept where it cannot be read."""

import time
from collections.abc import Callable


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

    def _stored(self, now: float, *, oldest_s: float) -> str:
        """Raises where the first read fails."""
        value = self._value
        if value is None:
            value = self._value = self._read()
            self._read_at = now
        elif now - self._read_at >= oldest_s:
            self._read_at = now
            try:
                value = self._value = self._read()
            except Exception:
                self._on_failure()
        return value
