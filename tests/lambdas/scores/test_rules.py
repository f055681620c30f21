"""The encoded keys of plays sort exactly in the game's order."""

from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.scores.errors import PlayAlreadySubmitted
from lambdas.scores.rules import (
    Entry,
    Verdict,
    in_order,
    judge,
    order_tag,
    rank_key,
    with_candidate,
)
from lambdas.shared.values.clock import iso
from lambdas.shared.values.wire import LARGEST_INTEGER

integers = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
keys = st.permutations(["score", "timeMs", "updatedAt"])
directions = st.lists(st.sampled_from(["asc", "desc"]), min_size=3, max_size=3)
values = st.fixed_dictionaries({"score": integers, "timeMs": integers, "updatedAt": integers})


@st.composite
def orders(draw: st.DrawFn) -> list[tuple[str, str]]:
    size = draw(st.integers(1, 3))
    return list(zip(draw(keys), draw(directions), strict=True))[:size]


def encoded(order: list[tuple[str, str]], play: dict[str, int]) -> str:
    return rank_key(
        tuple(order), score=play["score"], time_ms=play["timeMs"], updated_at_ms=play["updatedAt"]
    )


def better(order: list[tuple[str, str]], one: dict[str, int], other: dict[str, int]) -> int:
    """-1 where one ranks before the other: the rule in its plainest form."""
    said = {key for key, _ in order}
    for key, direction in [*order, *([] if "updatedAt" in said else [("updatedAt", "asc")])]:
        if one[key] != other[key]:
            ahead = one[key] < other[key] if direction == "asc" else one[key] > other[key]
            return -1 if ahead else 1
    return 0


@given(orders(), values, values)
def test_rank_keys_compare_as_the_order_says(
    order: list[tuple[str, str]], one: dict[str, int], other: dict[str, int]
) -> None:
    a, b = encoded(order, one), encoded(order, other)
    assert (a > b) - (a < b) == better(order, one, other)


@given(orders(), st.lists(values, max_size=20))
def test_sorting_by_rank_key_is_sorting_by_the_order(
    order: list[tuple[str, str]], plays: list[dict[str, int]]
) -> None:
    def compare(one: dict[str, int], other: dict[str, int]) -> int:
        return better(order, one, other)

    by_rule = sorted(plays, key=cmp_to_key(compare))
    assert sorted(plays, key=lambda play: encoded(order, play)) == by_rule


@given(orders(), values)
def test_a_rank_key_is_as_wide_as_its_order_and_ascii(
    order: list[tuple[str, str]], play: dict[str, int]
) -> None:
    key = encoded(order, play)
    silent = all(name != "updatedAt" for name, _ in order)
    assert len(key) == 2 + 9 * (len(order) + silent)
    assert key.isascii()


@pytest.mark.parametrize("number", [-LARGEST_INTEGER, -1, 0, 1, LARGEST_INTEGER])
def test_the_largest_and_smallest_integers_fit(number: int) -> None:
    key = encoded([("score", "asc")], {"score": number, "timeMs": 0, "updatedAt": 0})
    assert len(key) == 2 + 18


def entry(user_id: str, score: int, *, play: str = "p.v", at: int = 0) -> Entry:
    order = (("score", "desc"),)
    return Entry(
        user_id=user_id,
        user_name=user_id,
        score=score,
        time_ms=0,
        updated_at=iso(at),
        rk=rank_key(order, score=score, time_ms=0, updated_at_ms=at),
        play=play,
    )


BOARD = [entry("ann", 30), entry("bob", 20), entry("cyd", 10)]


@pytest.mark.parametrize(
    ("candidate", "top_n", "verdict"),
    [
        (entry("dan", 11, play="new.v"), 3, Verdict.TAKE),
        (entry("dan", 10, play="new.v", at=1), 3, Verdict.NOT_BETTER),
        (entry("dan", 1, play="new.v"), 4, Verdict.TAKE),
        (entry("dan", 9, play="new.v"), 3, Verdict.NOT_BETTER),
        (entry("ann", 31, play="new.v"), 3, Verdict.TAKE),
        (entry("ann", 30, play="new.v"), 3, Verdict.NOT_BETTER),
        (entry("ann", 29, play="new.v"), 3, Verdict.NOT_BETTER),
        (entry("ann", 30), 3, Verdict.REPEATED),
        # The player's own entry is free for the player: the last one may improve by little.
        (entry("cyd", 11, play="new.v"), 3, Verdict.TAKE),
        # A tie in everything is settled by the id, and so is whether it enters.
        (entry("bzz", 10, play="new.v"), 3, Verdict.TAKE),
        (entry("czz", 10, play="new.v"), 3, Verdict.NOT_BETTER),
    ],
)
def test_a_candidate_is_taken_repeated_or_not_better(
    candidate: Entry, top_n: int, verdict: Verdict
) -> None:
    assert judge(BOARD, candidate, top_n) is verdict


def test_the_same_play_with_other_values_is_refused() -> None:
    with pytest.raises(PlayAlreadySubmitted):
        judge(BOARD, entry("ann", 31, play="p.other"), 3)


def test_another_players_play_of_the_same_name_is_no_conflict() -> None:
    assert judge(BOARD, entry("dan", 99, play="p.other"), 3) is Verdict.TAKE


def test_keys_of_different_orders_differ() -> None:
    orders = [(("score", "desc"),), (("score", "asc"),), (("timeMs", "asc"),)]
    assert len({order_tag(order) for order in orders}) == len(orders)


def test_rows_of_a_former_order_are_read_by_todays() -> None:
    lowest_first = (("score", "asc"),)
    today = in_order(lowest_first, BOARD)
    assert [row.user_id for row in today] == ["cyd", "bob", "ann"]
    assert [row.stored_rk for row in today] == [row.rk for row in reversed(BOARD)]


def test_a_candidate_replaces_its_players_entry() -> None:
    after: Any = with_candidate(BOARD, entry("cyd", 25))
    assert [(row.user_id, row.score) for row in after] == [("ann", 30), ("cyd", 25), ("bob", 20)]
