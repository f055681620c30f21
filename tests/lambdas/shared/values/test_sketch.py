"""Players are counted within the error that is stated, and days add up."""

from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.values.sketch import Sketch

STANDARD_ERROR = 1.04 / 2**5.5


def of(names: range | list[int]) -> Sketch:
    sketch = Sketch()
    for name in names:
        sketch.add(f"player {name}")
    return sketch


def test_nobody_is_nobody() -> None:
    assert Sketch().estimate() == 0


def test_a_few_are_counted_as_they_are() -> None:
    assert [of(range(number)).estimate() for number in (1, 2, 5, 10)] == [1, 2, 5, 10]


def test_many_are_counted_within_three_standard_errors() -> None:
    sketch, told = Sketch(), 0
    for number in (100, 1000, 3000, 6000, 10_000, 40_000):
        while told < number:
            sketch.add(f"player {told}")
            told += 1
        assert abs(sketch.estimate() / number - 1) < 3 * STANDARD_ERROR


NAMES = st.lists(st.integers(0, 500), max_size=60)


@given(NAMES, NAMES)
def test_days_merge_into_that_of_all_their_players(one: list[int], other: list[int]) -> None:
    merged = of(one)
    merged.merge(of(other))
    assert merged == of(one + other) == of([*other, *one, *one])


@given(NAMES)
def test_packed_it_is_the_same(names: list[int]) -> None:
    sketch = of(names)
    assert Sketch.unpacked(sketch.packed()) == sketch


def test_it_is_small_for_few_and_bounded_for_many() -> None:
    assert len(of(range(0)).packed()) < 30
    assert len(of(range(20)).packed()) < 150
    assert len(of(range(20_000)).packed()) < 1500
