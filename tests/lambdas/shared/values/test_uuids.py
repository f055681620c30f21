"""Ids that sort by when they were made, and say so."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.values.uuids import is_uuid, made_ms, uuid7

MOMENTS = st.integers(0, 2**48 - 1)


@given(MOMENTS)
def test_an_id_is_a_uuid_of_version_7_that_contains_its_time(ms: int) -> None:
    made = uuid7(ms)
    parsed = uuid.UUID(made)
    assert (str(parsed), parsed.version, parsed.variant) == (made, 7, uuid.RFC_4122)
    assert is_uuid(made)
    assert made_ms(made) == ms


@given(MOMENTS, MOMENTS)
def test_ids_sort_by_their_moments(one: int, other: int) -> None:
    if one < other:
        assert uuid7(one) < uuid7(other)


def test_no_two_of_a_moment_are_the_same() -> None:
    assert len({uuid7(1) for _ in range(1000)}) == 1000


def test_other_texts_are_no_uuids() -> None:
    good = uuid7(1)
    for bad in (
        None,
        1,
        "",
        good[:-1],
        good + "0",
        good.replace("-", ""),
        f"{good}\n",
        "g" + good[1:],
    ):
        assert not is_uuid(bad)
    assert is_uuid(good.upper())
