"""Paths match as CloudFront matches them."""

import pytest

from local.edge.patterns import invalidates, matches_path, normalised


@pytest.mark.parametrize(
    ("pattern", "uri"),
    [
        ("/api/*", "/api/"),
        ("/api/*", "/api/a/b"),
        ("api/*", "/api/a"),
        ("*", "/"),
        ("*.jpg", "/a/b.jpg"),
        ("/a?c", "/abc"),
        ("/api/get-start", "/api/get-start"),
        ("/api/*", "/api/%2e%2e%2fa"),
        ("/api/*", "/x/../api/a"),
        ("/api/*", "/%61pi/a"),
    ],
)
def test_matches(pattern: str, uri: str) -> None:
    assert matches_path(pattern, uri)


@pytest.mark.parametrize(
    ("pattern", "uri"),
    [
        ("/api/*", "/API/a"),
        ("/api/*", "/api"),
        ("/a?c", "/ac"),
        ("/a.c", "/abc"),
        ("/api/get-start", "/api/get-start/"),
        ("/api/*", "/api/../a"),
        ("/api/*", "/api/%2e%2e/a"),
    ],
)
def test_does_not_match(pattern: str, uri: str) -> None:
    assert not matches_path(pattern, uri)


@pytest.mark.parametrize(
    ("uri", "normal"),
    [
        ("/", "/"),
        ("/a/./b/", "/a/b/"),
        ("/a/b/..", "/a/"),
        ("/../../a", "/a"),
        ("/..", "/"),
        ("/a//b", "/a//b"),
        ("/%7ea%2fb", "/~a%2Fb"),
    ],
)
def test_normalises(uri: str, normal: str) -> None:
    assert normalised(uri) == normal


@pytest.mark.parametrize(
    ("path", "target", "dropped"),
    [
        ("/*", "/a?b=c", True),
        ("/a/*", "/a/b?c=d", True),
        ("a/*", "/a/b", True),
        ("/a/b", "/a/b", True),
        ("/a/b", "/a/b?c=d", False),
        ("/a/b*", "/a/b?c=d", True),
        ("/a/b?c=d", "/a/b?c=d", True),
        ("/*/b", "/a/b", False),
        ("/A/*", "/a/b", False),
    ],
)
def test_invalidation_paths(path: str, target: str, *, dropped: bool) -> None:
    assert invalidates(path, target) == dropped
