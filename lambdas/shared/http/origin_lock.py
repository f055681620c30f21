"""Only CloudFront knows the origin lock, so only CloudFront reaches the origin."""

import hmac
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol

from lambdas.shared.http.errors import Forbidden

HEADER: Final = "x-origin-verify"
REREAD_SECONDS: Final = 300
REREAD_ON_MISMATCH_SECONDS: Final = 5
"""A rotated value must be honoured soon, and a guesser must not make us read at each guess."""


class Logs(Protocol):
    def exception(self, message: str, /) -> Any: ...


class OriginNotVerified(Forbidden):
    code = "origin_not_verified"

    def __init__(self) -> None:
        super().__init__("X-Origin-Verify: missing or wrong; call through the site's own address")


def accepted_values(stored: str) -> list[str]:
    """The parameter holds the current value and, while it rotates, the previous one."""
    return [value for value in stored.split(",") if value]


class OriginLock:
    def __init__(
        self,
        read: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
        on_failure: Callable[[], object] = lambda: None,
    ) -> None:
        self._read = read
        self._clock = clock
        self._on_failure = on_failure
        self._values: list[str] = []
        self._read_at = self._doubted_at = float("-inf")

    def check(self, presented: str | None) -> None:
        if not presented:
            raise OriginNotVerified
        now = self._clock()
        if now - self._read_at >= REREAD_SECONDS:
            self._refresh(now)
        elif not self._matches(presented) and now - self._doubted_at >= REREAD_ON_MISMATCH_SECONDS:
            self._doubted_at = now
            self._refresh(now)
        if not self._matches(presented):
            raise OriginNotVerified

    def _refresh(self, now: float) -> None:
        self._read_at = now
        try:
            self._values = accepted_values(self._read())
        except Exception:
            # A lock that was good a moment ago is better than a site that is shut.
            if not self._values:
                raise
            self._on_failure()

    def _matches(self, presented: str) -> bool:
        candidate = presented.encode("utf-8", "surrogatepass")
        matches = [hmac.compare_digest(candidate, value.encode()) for value in self._values]
        return any(matches)


def origin_lock(read: Callable[[], str], logger: Logs) -> OriginLock:
    """Keeps the last value, and logs why, where the parameter cannot be read."""
    return OriginLock(
        read,
        on_failure=partial(logger.exception, "origin lock not read; the last one holds"),
    )
