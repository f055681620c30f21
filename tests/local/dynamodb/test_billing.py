"""Sizes by DynamoDB's published rules."""

from typing import Any

import pytest

from local.dynamodb.billing import item_bytes, units


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"a": {"S": "bc"}}, 3),
        ({"名": {"S": "🐍"}}, 7),
        ({"a": {"N": "0"}}, 3),
        ({"a": {"N": "12"}}, 3),
        ({"a": {"N": "123"}}, 4),
        ({"a": {"N": "-123"}}, 5),
        ({"a": {"N": "1200"}}, 3),
        ({"a": {"BOOL": False}}, 2),
        ({"a": {"B": b"bcd"}}, 4),
        ({"a": {"M": {}}}, 4),
        ({"a": {"M": {"b": {"S": "cd"}, "e": {"N": "1"}}}}, 4 + (1 + 2 + 1) + (1 + 2 + 1)),
    ],
)
def test_an_item_is_its_names_and_its_values(item: dict[str, dict[str, Any]], size: int) -> None:
    assert item_bytes(item) == size


@pytest.mark.parametrize(("size", "expected"), [(0, 0.5), (4096, 0.5), (4097, 1), (20_480, 2.5)])
def test_reading_is_billed_by_four_kilobytes_at_half_a_unit(size: int, expected: float) -> None:
    assert units(size) == expected
