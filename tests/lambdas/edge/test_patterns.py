"""Path patterns, as CloudFront reads them."""

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.edge.patterns import covers, normal, overlap

patterns = st.text(alphabet="/ab*?", max_size=6)
paths = st.text(alphabet="/ab", max_size=6).map(lambda text: f"/{text}")


def takes(pattern: str, path: str) -> bool:
    return re.fullmatch(fnmatch.translate(normal(pattern)), path) is not None


@pytest.mark.parametrize(
    ("broad", "narrow", "covered", "meet"),
    [
        ("/api/*", "/api/scores/*", True, True),
        ("api/*", "/api/scores/*", True, True),
        ("*", "/api/get-start", True, True),
        ("/api/scores/*", "/api/*", False, True),
        ("/api/get-?tart", "/api/get-start", True, True),
        ("/API/*", "/api/get-start", False, False),
        ("*.json", "/api/scores/*", False, True),
        ("/images/*", "/api/scores/*", False, False),
        ("/api/scores/export", "/api/scores/*", False, True),
        ("/api/get-start", "/api/get-start", True, True),
    ],
)
def test_which_patterns_take_from_which(broad: str, narrow: str, covered: bool, meet: bool) -> None:
    assert covers(broad, narrow) is covered
    assert overlap(broad, narrow) is meet
    assert overlap(narrow, broad) is meet


@given(patterns, patterns, paths)
def test_a_covering_pattern_matches_every_path_of_the_other(
    one: str, other: str, path: str
) -> None:
    if covers(one, other) and takes(other, path):
        assert takes(one, path)
    if takes(one, path) and takes(other, path):
        assert overlap(one, other)


@given(patterns)
def test_a_pattern_covers_and_meets_itself(pattern: str) -> None:
    assert covers(pattern, pattern)
    assert overlap(pattern, pattern)
