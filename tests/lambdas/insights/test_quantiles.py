"""A quantile is within the stated error of the value that sorting gives, however it was merged."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from lambdas.insights.quantiles import ERROR, LEAST_MS, Quantiles, bucket_of, middle_of

DURATIONS = st.lists(st.floats(LEAST_MS, 86_400_000), min_size=1, max_size=200)


def sketch(values: list[float]) -> Quantiles:
    quantiles = Quantiles()
    for value in values:
        quantiles.add(value)
    return quantiles


@given(DURATIONS, st.sampled_from([0, 0.5, 0.9, 0.95, 0.99, 1]))
def test_a_quantile_is_within_the_stated_error(values: list[float], share: float) -> None:
    # The value at this rank, which is below `len(values)`.
    exact = sorted(values)[math.floor(share * (len(values) - 1))]
    found = sketch(values).at(share)
    assert found is not None
    assert abs(found - exact) <= exact * (ERROR + 1e-9)


@given(DURATIONS, st.randoms(use_true_random=False))
def test_merging_any_parts_in_any_order_gives_the_whole(
    values: list[float], chance: random.Random
) -> None:
    parts = [Quantiles() for _ in range(4)]
    for value in values:
        chance.choice(parts).add(value)
    chance.shuffle(parts)
    merged = Quantiles()
    for part in parts:
        merged.merge(part)
    assert merged == sketch(values)


@given(DURATIONS)
def test_it_is_unpacked_as_it_was_packed(values: list[float]) -> None:
    quantiles = sketch(values)
    assert Quantiles.unpacked(quantiles.packed()) == quantiles


def test_a_busy_day_fits_into_a_kilobyte() -> None:
    chance = random.Random(5)
    busy = sketch([chance.lognormvariate(3, 0.9) for _ in range(200_000)])
    assert len(busy.packed()) < 1000


def test_no_duration_has_no_quantile() -> None:
    assert Quantiles().at(0.5) is None


@given(st.floats(0, LEAST_MS))
def test_shorter_durations_share_the_first_bucket(ms: float) -> None:
    assert bucket_of(ms) == bucket_of(LEAST_MS)
    assert middle_of(bucket_of(ms)) <= LEAST_MS * 1.02
