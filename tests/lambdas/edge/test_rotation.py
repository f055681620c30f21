"""A rotation may be cut off anywhere, and begun twice: nobody is locked out, and it is finished."""

from collections.abc import Callable, Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.edge.rotation import Rotation, lock_of
from lambdas.edge.token_keys import CURRENT, PREVIOUS, TooSoonError, first_key
from lambdas.shared.edge_store import Changes
from lambdas.shared.origin_lock import accepted_values

NOW = 1_795_233_600
REST = 4_000
FIRST_LOCK = "made-at-the-first-deploy"


class CutOffError(Exception):
    pass


class Site:
    """The store, the parameter, and the distribution, which is told by one and sends the other."""

    def __init__(self) -> None:
        self.keys = dict(first_key({}, NOW - REST).puts)
        self.stored = FIRST_LOCK
        self.sent = FIRST_LOCK
        self.known = [FIRST_LOCK]
        self.everywhere = set(self.keys.values())
        self.before: Callable[[], None] = lambda: None

    def values(self) -> Mapping[str, str]:
        self.before()
        return dict(self.keys)

    def change(self, decide: Callable[[Mapping[str, str]], Changes]) -> None:
        self.before()
        self.keys |= decide(self.keys).puts
        self.nobody_is_locked_out()
        self.every_token_is_honoured()

    def read(self) -> str:
        self.before()
        return self.stored

    def write(self, stored: str) -> None:
        self.before()
        self.stored = stored
        self.nobody_is_locked_out()

    def tell_the_distribution(self) -> None:
        self.before()
        self.sent = accepted_values(self.stored)[0]
        self.nobody_is_locked_out()

    def readable(self) -> None:
        """From here on whoever is shown the new lock reads it, and not before."""
        self.before()
        self.known = accepted_values(self.stored)

    def propagate(self) -> None:
        """From here on each place of the edge knows the keys that the store has, and not before."""
        self.before()
        self.everywhere |= set(self.keys.values())

    def every_token_is_honoured(self) -> None:
        """Wherever a token is presented, the key that signed it has arrived."""
        assert self.keys[CURRENT] in self.everywhere

    def nobody_is_locked_out(self) -> None:
        assert self.sent in accepted_values(self.stored)
        assert self.sent in self.known

    def rotate(self, now_s: int = NOW) -> str:
        return Rotation(self, self, REST, self.propagate, self.readable).run(now_s)

    def is_whole(self) -> bool:
        wanted = lock_of(self.keys[CURRENT])
        return self.sent == accepted_values(self.stored)[0] == wanted


@pytest.mark.parametrize("step", range(1, 12))
def test_cut_off_at_any_step_the_same_call_again_finishes_it(step: int) -> None:
    site = Site()
    first, left = site.keys[CURRENT], [step]

    def cut() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise CutOffError

    site.before = cut
    with suppress(CutOffError):
        site.rotate()
    site.before = lambda: None
    with suppress(TooSoonError):  # where everything was done but to tell of it
        site.rotate(NOW + 60)
    assert site.is_whole()
    assert site.keys[PREVIOUS] == first


@given(second_begins_at=st.integers(1, 12))
def test_two_that_overlap_make_one_rotation(second_begins_at: int) -> None:
    site = Site()
    left = [second_begins_at]

    def begin() -> None:
        left[0] -= 1
        if left[0] == 0:
            try:
                site.rotate(NOW + 1)
            except TooSoonError:
                assert site.is_whole()

    site.before = begin
    first = dict(site.keys)
    with suppress(TooSoonError):  # where the second was done before this one began
        site.rotate()
    assert site.is_whole()
    assert site.keys[PREVIOUS] == first[CURRENT]
    assert accepted_values(site.stored)[1] == FIRST_LOCK


def test_the_next_rotation_keeps_the_lock_of_the_last_until_it_is_changed() -> None:
    site = Site()
    site.rotate()
    last = site.sent
    site.rotate(NOW + 2 * REST)
    assert site.is_whole()
    assert accepted_values(site.stored) == [site.sent, last]
    assert site.sent != last


def test_a_lock_tells_neither_its_key_nor_another_lock() -> None:
    one, other = (lock_of(f"t0001:{secret}") for secret in ("secret-one", "secret-two"))
    assert one != other
    assert "secret" not in one
    assert len(one.partition(".")[2]) == 43
    assert "," not in one
