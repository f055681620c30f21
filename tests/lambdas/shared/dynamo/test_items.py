"""Items are stored as they are, and come back as they were."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.dynamo.items import packed, request_of, unpacked
from local.dynamodb.tables import table_named

LARGEST = 10**38 - 1
"""DynamoDB's numbers have 38 digits."""

scalars = (
    st.text(max_size=20)
    | st.integers(-LARGEST, LARGEST)
    | st.booleans()
    | st.none()
    | st.binary(max_size=20)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)
items = st.dictionaries(st.text(min_size=1, max_size=8), values, max_size=5)


@given(items)
def test_a_packed_item_is_unpacked_unchanged(item: dict[str, Any]) -> None:
    assert typed(unpacked(packed(item))) == typed(item)


def typed(value: Any) -> Any:
    """The value with its type, since 1 equals True."""
    if isinstance(value, dict):
        return {name: typed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    return (type(value), value)


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ("ann", {"S": "ann"}),
        (-12, {"N": "-12"}),
        (True, {"BOOL": True}),
        (None, {"NULL": True}),
        (b"x", {"B": b"x"}),
        (("a", 1), {"L": [{"S": "a"}, {"N": "1"}]}),
        ({"a": []}, {"M": {"a": {"L": []}}}),
        ({"a"}, {"SS": ["a"]}),
    ],
)
def test_values_are_spelled_as_stored_items_have_them(value: Any, spelled: Any) -> None:
    assert packed({"field": value}) == {"field": spelled}


def test_a_stored_fraction_is_read_as_a_fraction() -> None:
    assert unpacked({"n": {"N": "1.5"}}) == {"n": Decimal("1.5")}


@pytest.mark.parametrize("value", [1.5, float("nan"), object(), 10**39 + 1])
def test_a_number_that_dynamodb_cannot_store_exactly_is_not_packed(value: Any) -> None:
    with pytest.raises((TypeError, ArithmeticError)):
        packed({"field": value})


def test_only_parameters_that_hold_attributes_are_packed() -> None:
    call = {"Key": {"PK": "a"}, "UpdateExpression": "SET n = :n", "Limit": 3}
    assert request_of(call) == call | {"Key": {"PK": {"S": "a"}}}


def test_an_item_is_stored_and_read_as_it_was(dynamodb: Any) -> None:
    item = {
        "PK": "a",
        "SK": "b",
        "n": 2**53 - 1,
        "sealed": b"\x00\xff",
        "names": {"x", "y"},
        "none": None,
        "nested": {"list": [1, "two", False, {}]},
    }
    with table_named(dynamodb, "creators") as name:
        dynamodb.put_item(TableName=name, Item=packed(item))
        key = packed({"PK": "a", "SK": "b"})
        assert unpacked(dynamodb.get_item(TableName=name, Key=key)["Item"]) == item
