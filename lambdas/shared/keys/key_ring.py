"""The two keys that sign session tokens, and which of them signs when."""

import hashlib
import hmac
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from lambdas.shared.keys.reread import Reread
from lambdas.shared.keys.signing_keys import made_at, new_key
from lambdas.shared.keys.tokens import TOKEN_SECONDS, Grant, sign, verify

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

REREAD_SECONDS: Final = 300
REREAD_FOR_UNKNOWN_SECONDS: Final = 5
"""A sender of invented key ids does not cause a read for each of them."""


class TooSoonError(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"tokens signed with the previous key may still be in use; rotate again in {seconds} s"
        )


def rotated(stored: str, now_s: int) -> str:
    """Makes the current key the previous one. The one before it must be out of use."""
    current, *previous = stored.split(",")
    if previous:
        over_at = made_at(current) + REREAD_SECONDS + TOKEN_SECONDS
        if now_s < over_at:
            raise TooSoonError(over_at - now_s)
    return f"{new_key(max(now_s, made_at(current) + 1))},{current}"


class KeyRing(Reread):
    def grant(self, token: str, now_s: int) -> Grant:
        return verify(token, self.secret, now_s)

    def token(self, grant: Grant, now_s: int) -> str:
        return sign(grant, *self.signing(now_s))

    def hashing_key(self, now_s: int) -> str:
        """A key for hashes, made of the secret that signs now. It is gone when the secret is."""
        _, secret = self.signing(now_s)
        return hmac.digest(secret.encode(), b"hashes", hashlib.sha256).hex()

    def secret(self, kid: str) -> str | None:
        """Reads the keys again for an unknown id, unless they were read a moment ago."""
        secret = self._keys(REREAD_SECONDS).get(kid)
        return secret or self._keys(REREAD_FOR_UNKNOWN_SECONDS).get(kid)

    def signing(self, now_s: int) -> tuple[str, str]:
        """The id and secret of the newest key that every instance has had the time to read."""
        newest, *older = self._keys(REREAD_SECONDS).items()
        if older and now_s < made_at(newest[0]) + REREAD_SECONDS:
            return older[0]
        return newest

    def _keys(self, oldest_s: float) -> dict[str, str]:
        stored = self._stored(self._clock(), oldest_s=oldest_s)
        pairs = (key.partition(":") for key in stored.split(","))
        return {kid: secret for kid, _, secret in pairs}


def key_ring(read: Callable[[], str], logger: "Logger") -> KeyRing:
    """Logs where the parameter cannot be read, and keeps the last keys."""
    return KeyRing(
        read, on_failure=partial(logger.exception, "token keys not read; keeping the last ones")
    )
