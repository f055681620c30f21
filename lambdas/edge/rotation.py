"""Rotates the token keys and the origin lock. A rotation that was cut off can be repeated."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lambdas.edge.token_keys import CURRENT, TooSoonError, announced, promoted
from lambdas.shared.edge_store import Changes
from lambdas.shared.http.origin_lock import accepted_values


class Store(Protocol):
    def values(self) -> Mapping[str, str]: ...

    def change(self, decide: Callable[[Mapping[str, str]], Changes]) -> object: ...


class Lock(Protocol):
    def read(self) -> str: ...

    def write(self, stored: str) -> None: ...

    def tell_the_distribution(self) -> None: ...


def lock_of(key: str) -> str:
    """Derives the lock from a key, so that two rotations to the same key make the same lock.

    With a random lock, a second rotation running beside the first would replace the first one's
    lock after CloudFront got it and before the origin read it.
    """
    made, _, secret = key.partition(":")
    digest = hmac.digest(secret.encode(), b"origin lock", hashlib.sha256)
    return f"{made}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation and what it works on."""

    store: Store
    lock: Lock
    rest_seconds: int
    wait_until_everywhere: Callable[[], None]
    wait_until_readable: Callable[[], None]
    """Until every origin would read the lock again when it meets a new one."""

    def run(self, now_s: int) -> str:
        """Finishes a rotation that was cut off, or does a new one. Returns the signing key."""
        try:
            self.store.change(lambda values: announced(values, now_s, self.rest_seconds))
        except TooSoonError:
            if not self._change_the_lock():
                raise
        else:
            self.wait_until_everywhere()
            self.store.change(promoted)
            self._change_the_lock()
        return self.store.values()[CURRENT]

    def _change_the_lock(self) -> bool:
        """Makes the origin accept both locks, then has the distribution send the new one."""
        wanted = lock_of(self.store.values()[CURRENT])
        current = accepted_values(self.lock.read())[0]
        if current != wanted:
            self.lock.write(f"{wanted},{current}")
        self.wait_until_readable()
        self.lock.tell_the_distribution()
        return current != wanted
