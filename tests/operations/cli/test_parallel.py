"""Many calls at once: in order, few in memory, and none begun after a failure."""

from collections.abc import Iterator

import pytest

from operations.cli.parallel import each


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(each(lambda number: number * 2, range(100), at_once=4)) == list(range(0, 200, 2))


def test_no_more_items_are_taken_than_are_under_way() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    results = each(lambda number: number, items(), at_once=4)
    for done in range(1, 500):
        next(results)
        assert taken <= done + 9
    results.close()  # type: ignore[attr-defined]


def test_the_first_failure_ends_it() -> None:
    begun: list[int] = []

    def fail_at_five(number: int) -> int:
        begun.append(number)
        if number == 5:
            raise ValueError("five")
        return number

    with pytest.raises(ValueError, match="five"):
        list(each(fail_at_five, range(1000), at_once=2))
    assert len(begun) < 20
