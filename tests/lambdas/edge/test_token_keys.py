"""One key signs, the one before it is honoured, and neither goes while a play needs it."""

import re

import pytest

from lambdas.edge.token_keys import CURRENT, PREVIOUS, TooSoonError, first_key, made_at, rotated

NOW = 1_795_233_600
LONGEST = 4_000


def test_the_first_key_is_made_once() -> None:
    made = first_key({}, NOW).puts
    assert set(made) == {CURRENT}
    assert re.fullmatch(r"[a-z0-9]{1,8}:[A-Za-z0-9_-]{43}", made[CURRENT])
    assert made_at(made[CURRENT]) == NOW
    assert first_key(made, NOW + 1).puts == {}


def test_a_rotation_keeps_the_key_that_signed_so_far() -> None:
    first = first_key({}, NOW).puts
    second = rotated(first, NOW + 5, LONGEST).puts
    assert second[PREVIOUS] == first[CURRENT]
    assert second[CURRENT].partition(":")[0] != first[CURRENT].partition(":")[0]


def test_a_key_is_not_retired_while_its_plays_may_be_under_way() -> None:
    store = dict(first_key({}, NOW).puts)
    store |= rotated(store, NOW + 10, LONGEST).puts
    with pytest.raises(TooSoonError, match="rotate in 1 s"):
        rotated(store, NOW + 10 + LONGEST - 1, LONGEST)
    third = rotated(store, NOW + 10 + LONGEST, LONGEST).puts
    assert third[PREVIOUS] == store[CURRENT]


def test_two_rotations_in_one_second_give_two_key_ids() -> None:
    store = first_key({}, NOW).puts
    again = rotated(store, NOW, LONGEST).puts
    assert made_at(again[CURRENT]) == NOW + 1
