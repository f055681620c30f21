"""Inputs are checked by a part of JSON Schema, in time that does not depend on the schema."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.runner.schema import problem_of_schema, problem_of_value

DAY = {
    "type": "object",
    "properties": {
        "day": {"type": "integer", "minimum": 1, "maximum": 31},
        "name": {"type": "string", "minLength": 1, "maxLength": 5},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2},
        "on": {"type": ["boolean", "null"]},
    },
    "required": ["day"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"day": 1}, None),
        ({"day": 1.0, "name": "ann", "tags": ["a", "b"], "on": None}, None),
        ({}, "input.day: missing"),
        ({"day": 0}, "input.day: 0 is less than 1"),
        ({"day": 32}, "input.day: 32 is more than 31"),
        ({"day": True}, "input.day: not of type integer"),
        ({"day": 1.5}, "input.day: not of type integer"),
        ({"day": 1, "name": ""}, "input.name: 0 characters is less than 1"),
        ({"day": 1, "tags": ["c"]}, "input.tags[0]: not one of the allowed values"),
        ({"day": 1, "tags": ["a"] * 3}, "input.tags: 3 items is more than 2"),
        ({"day": 1, "more": 1}, "input.more: unknown"),
        ([], "input: not of type object"),
        (None, "input: not of type object"),
    ],
)
def test_the_first_problem_is_named(value: Any, problem: str | None) -> None:
    assert problem_of_schema(DAY) is None
    assert problem_of_value(DAY, value, "input") == problem


@pytest.mark.parametrize(
    "schema",
    [
        [],
        {"type": "text"},
        {"pattern": "(a+)+$"},
        {"$ref": "#"},
        {"minimum": "1"},
        {"minLength": -1},
        {"enum": 1},
        {"required": "day"},
        {"properties": []},
        {"properties": {"a": 1}},
        {"items": {"type": "none"}},
        {"additionalProperties": {}},
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(schema: Any) -> None:
    assert problem_of_schema(schema) is not None


def test_a_schema_that_is_nested_too_deeply_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(20):
        schema = {"items": schema}
    assert problem_of_schema(schema) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(JSON, JSON)
def test_any_usable_schema_judges_any_value(schema: Any, value: Any) -> None:
    if problem_of_schema(schema) is None:
        found = problem_of_value(schema, value, "input")
        assert found is None or found.startswith("input")
