"""A rotation may be cut off anywhere, and begun twice: nobody is locked out, and it is finished."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.edge.rotation import lock_of
from lambdas.edge.token_keys import CURRENT, PREVIOUS, TooSoonError
from lambdas.shared.http.origin_lock import accepted_values
from tests.lambdas.edge.site import FIRST_LOCK, NOW, REST, Site


class CutOffError(Exception):
    pass


def test_a_rotation_ends_with_a_new_key_and_its_lock() -> None:
    site = Site()
    first = site.keys[CURRENT]
    assert site.rotate() == site.keys[CURRENT] != first
    assert site.keys[PREVIOUS] == first
    assert site.is_whole()


@pytest.mark.parametrize("step", range(1, 14))
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


@given(second_begins_at=st.integers(1, 13))
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


def test_a_lock_reveals_neither_its_key_nor_another_lock() -> None:
    one, other = (lock_of(f"t0001:{secret}") for secret in ("secret-one", "secret-two"))
    assert one != other
    assert "secret" not in one
    assert len(one.partition(".")[2]) == 43
    assert "," not in one
