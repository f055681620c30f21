"""Refuses requests without the origin lock, which only CloudFront knows.

A function compares the SHA-256 of the header with published hashes, which are no secret.
"""

import hashlib
import hmac
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from lambdas.shared.http.errors import Forbidden
from lambdas.shared.keys.reread import Reread

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

HEADER: Final = "x-origin-verify"
HASHED: Final = "sha256:"
"""Begins a published value. No lock begins with it."""
REREAD_SECONDS: Final = 300
REREAD_ON_MISMATCH_SECONDS: Final = 5
"""Soon enough for a rotated value, and seldom enough if someone guesses."""
_JUST_READ_SECONDS: Final = 0.001


class OriginNotVerified(Forbidden):
    code = "origin_not_verified"

    def __init__(self) -> None:
        super().__init__("X-Origin-Verify: missing or wrong; use the site's own address")


def accepted_values(stored: str) -> list[str]:
    """The parameter holds the current value and, while it rotates, the previous one."""
    return [value for value in stored.split(",") if value]


def published_name(parameter: str) -> str:
    """The String parameter with the hashes of the values that the SecureString holds."""
    return f"{parameter}-sha256"


def hash_of(lock: str) -> str:
    return HASHED + hashlib.sha256(lock.encode("utf-8", "surrogatepass")).hexdigest()


def hashes_of(stored: str) -> str:
    """What to publish for a stored lock."""
    return ",".join(map(hash_of, accepted_values(stored)))


class OriginLock(Reread):
    _doubted_at = float("-inf")

    def check(self, presented: str | None) -> None:
        if not presented:
            raise OriginNotVerified
        now = self._clock()
        if self._matches(presented, now, oldest_s=REREAD_SECONDS):
            return
        if now - self._doubted_at >= REREAD_ON_MISMATCH_SECONDS:
            self._doubted_at = now
            if self._matches(presented, now, oldest_s=_JUST_READ_SECONDS):
                return
        raise OriginNotVerified

    def _matches(self, presented: str, now: float, *, oldest_s: float) -> bool:
        candidate = hash_of(presented)
        values = accepted_values(self._stored(now, oldest_s=oldest_s))
        # Compares with every value, so that timing reveals nothing.
        matches = [hmac.compare_digest(candidate, _hashed(value)) for value in values]
        return any(matches)


def _hashed(value: str) -> str:
    """Before the first deploy that publishes hashes, the lock itself is read."""
    return value if value.startswith(HASHED) else hash_of(value)


def origin_lock(read: Callable[[], str], logger: "Logger") -> OriginLock:
    """Logs where the parameter cannot be read, and keeps the last value."""
    return OriginLock(
        read,
        on_failure=partial(logger.exception, "origin lock not read; keeping the last one"),
    )
