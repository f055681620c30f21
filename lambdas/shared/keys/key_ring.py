"""The keys that sign session tokens: two of them, and when which one signs."""

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Final

from lambdas.shared.keys.signing_keys import made_at, new_key
from lambdas.shared.keys.tokens import TOKEN_SECONDS, Grant, sign, verify

REREAD_SECONDS: Final = 300
REREAD_FOR_UNKNOWN_SECONDS: Final = 5
"""Whoever invents ids of keys must not make us read at each invention."""


class TooSoonError(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"tokens signed with the previous key may still be in use: rotate in {seconds} s"
        )


def rotated(stored: str, now_s: int) -> str:
    """The current key becomes the previous one; the one before that must be of no use any more."""
    current, *previous = stored.split(",")
    if previous:
        over_at = made_at(current) + REREAD_SECONDS + TOKEN_SECONDS
        if now_s < over_at:
            raise TooSoonError(over_at - now_s)
    return f"{new_key(max(now_s, made_at(current) + 1))},{current}"


class KeyRing:
    def __init__(
        self,
        read: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
        on_failure: Callable[[], object] = lambda: None,
    ) -> None:
        self._read = read
        self._clock = clock
        self._on_failure = on_failure
        self._keys: dict[str, str] = {}
        self._read_at = float("-inf")

    def grant(self, token: str, now_s: int) -> Grant:
        return verify(token, self.secret, now_s)

    def token(self, grant: Grant, now_s: int) -> str:
        return sign(grant, *self.signing(now_s))

    def hashing_key(self, now_s: int) -> str:
        """Of the secret that signs now, for another use, and gone when that is gone."""
        _, secret = self.signing(now_s)
        return hmac.digest(secret.encode(), b"hashes", hashlib.sha256).hex()

    def secret(self, kid: str) -> str | None:
        """For an id that is not known the keys are read again, if they were not just now."""
        self._refresh(REREAD_SECONDS)
        if kid not in self._keys:
            self._refresh(REREAD_FOR_UNKNOWN_SECONDS)
        return self._keys.get(kid)

    def signing(self, now_s: int) -> tuple[str, str]:
        """The newest key that every instance has had the time to read, id and secret."""
        self._refresh(REREAD_SECONDS)
        newest, *older = self._keys.items()
        if older and now_s < made_at(newest[0]) + REREAD_SECONDS:
            return older[0]
        return newest

    def _refresh(self, oldest: float) -> None:
        now = self._clock()
        if now - self._read_at < oldest:
            return
        self._read_at = now
        try:
            stored = self._read()
        except Exception:
            # Keys that were good a moment ago are better than no telemetry.
            if not self._keys:
                raise
            self._on_failure()
            return
        pairs = (key.partition(":") for key in stored.split(","))
        self._keys = {kid: secret for kid, _, secret in pairs}
