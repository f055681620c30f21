"""Bodies are strict JSON objects, whatever they are called."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.http.bodies import kept_object, object_in
from lambdas.shared.http.errors import Malformed


def read(body: bytes) -> dict[str, Any]:
    return object_in(body, most_bytes=100, fields=("a", "b"))


def test_an_object_is_read_with_the_fields_it_may_have() -> None:
    assert read(b'{"a": 1, "b": "\xc3\xa9"}') == {"a": 1, "b": "é"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "body: not JSON"),
        (b"{", "body: not JSON"),
        (b"[]", "body: not a JSON object"),
        (b'"a"', "body: not a JSON object"),
        (b'{"a": NaN}', "body: not JSON"),
        (b'{"a": Infinity}', "body: not JSON"),
        (b"\xff", "body: not JSON"),
        (b'{"c": 1}', "'c': unknown; there are a, b"),
        (b"[" * 90, "body: not JSON"),
        (b" " * 101, "body: 101 bytes; at most 100"),
    ],
)
def test_anything_else_is_refused_with_what_is_wrong(body: bytes, problem: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(body)
    assert str(refused.value) == problem


def test_nesting_is_refused_and_not_fallen_over() -> None:
    with pytest.raises(Malformed, match="body: not JSON"):
        object_in(b'{"a":' + b"[" * 60_000, most_bytes=100_000, fields=("a",))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON, max_size=5))
def test_a_stored_value_reads_back_as_it_was_sent(value: dict[str, Any]) -> None:
    assert json.loads(kept_object("data", value, 1_000_000)) == value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "data: not a JSON object"),
        ("x", "data: not a JSON object"),
        ({"a": "x" * 100}, "data: 108 bytes as JSON; at most 50"),
        ({"a": "\ud800"}, "data: holds half of a surrogate pair, which is not a character"),
        ({"a": float("inf")}, "data: a number is too large, or it is nested too deeply"),
    ],
)
def test_a_value_that_cannot_be_stored_is_refused(value: Any, problem: str) -> None:
    with pytest.raises(Malformed) as refused:
        kept_object("data", value, 50)
    assert str(refused.value) == problem


def test_nothing_is_an_empty_object() -> None:
    assert kept_object("data", None, 50) == "{}"
