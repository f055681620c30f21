"""Every whole number has one bucket, and buckets leave no gap."""

from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.values.histogram import as_rows, bounds, bucket
from lambdas.shared.values.wire import LARGEST_INTEGER

NUMBERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)


@given(NUMBERS)
def test_a_number_is_within_the_bounds_of_its_bucket(number: int) -> None:
    smallest, largest = bounds(bucket(number))
    assert smallest <= number <= largest
    assert bucket(smallest) == bucket(largest) == bucket(number)


@given(NUMBERS)
def test_beside_a_bucket_there_is_another(number: int) -> None:
    smallest, largest = bounds(bucket(number))
    assert bucket(smallest - 1) != bucket(number) != bucket(largest + 1)


def test_the_first_buckets() -> None:
    assert [bucket(n) for n in (0, 1, 2, 4, 5, 9, 10, 19, 20, 49, 50, 99, 100)] == [
        *(0, 1, 2, 2, 5, 5, 10, 10, 20, 20, 50, 50, 100)
    ]
    assert [bucket(-n) for n in (1, 4, 999)] == [-1, -2, -500]


def test_rows_go_from_the_smallest_to_the_largest() -> None:
    assert as_rows({5: 1, -2: 3, 0: 2}) == [
        {"from": -4, "to": -2, "count": 3},
        {"from": 0, "to": 0, "count": 2},
        {"from": 5, "to": 9, "count": 1},
    ]
