"""A site during a rotation, where changes take time to spread."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Final, TypeVar

from lambdas.edge.rotation import Rotation, lock_of
from lambdas.edge.token_keys import CURRENT, PREVIOUS, first_key
from lambdas.shared.edge_store import Changes
from lambdas.shared.http.origin_lock import REREAD_ON_MISMATCH_SECONDS, accepted_values

NOW: Final = 1_795_233_600
REST: Final = 4_000
FIRST_LOCK: Final = "made-at-the-first-deploy"
STORE_SPREADS: Final = 30
"""Seconds after a change during which an edge location may still read the previous version."""
DISTRIBUTION_SPREADS: Final = 1_800
"""Seconds after a change during which an edge location may still send the previous lock."""

Version = TypeVar("Version")
_FIRST: Final = float("-inf")


class Site:
    """The store, the parameter and the distribution. Only waits move the clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.before: Callable[[], None] = lambda: None
        """Runs before each step of a rotation."""
        self._keys = [(_FIRST, dict(first_key({}, NOW - REST).puts))]
        self._locks = [(_FIRST, FIRST_LOCK)]
        self._sent = [(_FIRST, FIRST_LOCK)]

    @property
    def keys(self) -> dict[str, str]:
        return self._keys[-1][1]

    @property
    def stored(self) -> str:
        return self._locks[-1][1]

    @property
    def sent(self) -> str:
        return self._sent[-1][1]

    def values(self) -> Mapping[str, str]:
        self.before()
        return dict(self.keys)

    def change(self, decide: Callable[[Mapping[str, str]], Changes]) -> None:
        self.before()
        self.holds(self.keys | decide(self.keys).puts)

    def holds(self, keys: dict[str, str]) -> None:
        self._keys.append((self.now, keys))
        self.no_play_is_lost()

    def read(self) -> str:
        self.before()
        return self.stored

    def write(self, stored: str) -> None:
        self.before()
        self._locks.append((self.now, stored))
        self.nobody_is_locked_out()

    def tell_the_distribution(self) -> None:
        self.before()
        self._sent.append((self.now, accepted_values(self.stored)[0]))
        self.nobody_is_locked_out()

    def wait(self, seconds: float) -> None:
        self.before()
        self.now += int(seconds)

    def no_play_is_lost(self) -> None:
        """One location signs the start of a play, and another checks its end."""
        held = _in_use(self._keys, self.now - STORE_SPREADS)
        for signing, judging in product(held, repeat=2):
            assert signing[CURRENT] in {judging[CURRENT], judging.get(PREVIOUS)}

    def nobody_is_locked_out(self) -> None:
        """An origin that has just read the lock does not read it again for a few seconds."""
        sent = _in_use(self._sent, self.now - DISTRIBUTION_SPREADS)
        for stored in _in_use(self._locks, self.now - REREAD_ON_MISMATCH_SECONDS):
            assert set(sent) <= set(accepted_values(stored))

    def rotate(self, now_s: int = NOW) -> str:
        self.now = max(self.now, now_s)
        rotation = Rotation(
            store=self,
            lock=self,
            rest_seconds=REST,
            wait_until_everywhere=lambda: self.wait(STORE_SPREADS),
            wait_until_readable=lambda: self.wait(REREAD_ON_MISMATCH_SECONDS),
        )
        return rotation.run(now_s)

    def is_whole(self) -> bool:
        wanted = lock_of(self.keys[CURRENT])
        return self.sent == accepted_values(self.stored)[0] == wanted


def _in_use(versions: Sequence[tuple[float, Version]], since: float) -> list[Version]:
    """Returns the version at that moment and every later one."""
    [*_, first] = [version for at, version in versions if at <= since]
    return [first, *(version for at, version in versions if at > since)]
