"""One key signs, the one before it is honoured, and neither goes while a play needs it."""

import re
from itertools import pairwise

import pytest

from lambdas.edge.token_keys import (
    CURRENT,
    PREVIOUS,
    TooSoonError,
    announced,
    first_key,
    promoted,
)
from lambdas.shared.keys.signing_keys import made_at

NOW = 1_795_233_600
LONGEST = 4_000


def test_the_first_key_is_made_once() -> None:
    made = first_key({}, NOW).puts
    assert set(made) == {CURRENT}
    assert re.fullmatch(r"[a-z0-9]{1,8}:[A-Za-z0-9_-]{43}", made[CURRENT])
    assert made_at(made[CURRENT]) == NOW
    assert first_key(made, NOW + 1).puts == {}


def rotation(store: dict[str, str], now_s: int) -> list[dict[str, str]]:
    """The store before a rotation, in its midst, and after it."""
    announcing = store | announced(store, now_s, LONGEST).puts
    return [store, announcing, announcing | promoted(announcing).puts]


def honoured(store: dict[str, str]) -> set[str]:
    return {store[name] for name in (CURRENT, PREVIOUS) if name in store}


def test_a_rotation_keeps_the_key_that_signed_so_far() -> None:
    first = first_key({}, NOW).puts
    after = rotation(first, NOW + 5)[-1]
    assert after[PREVIOUS] == first[CURRENT]
    assert after[CURRENT].partition(":")[0] != first[CURRENT].partition(":")[0]


def test_an_edge_location_accepts_tokens_signed_one_step_before_or_after_its_own() -> None:
    """Changes take seconds to be everywhere; a play may start here and end there."""
    store = first_key({}, NOW).puts
    for number in range(3):
        steps = rotation(store, NOW + number * (LONGEST + 10))
        for before, after in pairwise(steps):
            assert after[CURRENT] in honoured(before)
            assert before[CURRENT] in honoured(after)
        store = steps[-1]


def test_a_key_is_not_retired_while_its_plays_may_be_under_way() -> None:
    store = rotation(first_key({}, NOW).puts, NOW + 10)[-1]
    with pytest.raises(TooSoonError, match="rotate again in 1 s"):
        announced(store, NOW + 10 + LONGEST - 1, LONGEST)
    third = rotation(store, NOW + 10 + LONGEST)[-1]
    assert third[PREVIOUS] == store[CURRENT]


def test_a_rotation_cut_short_is_finished_by_the_next_and_by_nobody_twice() -> None:
    _, announcing, after = rotation(first_key({}, NOW).puts, NOW + 5)
    assert announced(announcing, NOW + 6, LONGEST).puts == {}
    assert promoted(announcing).puts == {CURRENT: after[CURRENT], PREVIOUS: after[PREVIOUS]}
    assert promoted(after).puts == {}
    assert promoted(first_key({}, NOW).puts).puts == {}


def test_two_rotations_in_one_second_give_two_key_ids() -> None:
    assert made_at(rotation(first_key({}, NOW).puts, NOW)[-1][CURRENT]) == NOW + 1
