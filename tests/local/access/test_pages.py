"""Which requests a browser sends for a page of another site."""

import pytest

from local.access.pages import foreign_host, foreign_page, is_loopback_origin

_OURS = {"http://localhost:8000"}.__contains__


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LOCALHOST:1",
        "127.0.0.1:8000",
        "[::1]:8000",
        "a.b.localhost:1",
    ],
)
def test_names_of_this_machine(host: str) -> None:
    assert foreign_host([("host", host)]) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "evil.example:localhost",
        "127.0.0.1.evil.example",
        "0.0.0.0",
        "evillocalhost",
        "localhost.",
    ],
)
def test_names_of_other_machines_and_none(host: str) -> None:
    assert foreign_host([("host", host)]) is not None


def test_a_request_without_a_host_or_with_two_is_foreign() -> None:
    assert foreign_host([]) is not None
    assert foreign_host([("host", "localhost"), ("host", "evil.example")]) is not None


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("origin", "http://localhost:8000")],
        [("origin", "http://localhost:8000"), ("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "none")],
        [("sec-fetch-site", "same-origin")],
        [("referer", "http://localhost:8000/page?x=1")],
    ],
)
def test_programs_and_our_own_pages(headers: list[tuple[str, str]]) -> None:
    assert foreign_page(headers, _OURS) is None


@pytest.mark.parametrize(
    "headers",
    [
        [("origin", "https://evil.example")],
        [("origin", "null")],
        [("origin", "")],
        [("origin", "http://localhost:8001")],
        [("origin", "https://localhost:8000")],
        [("origin", "http://localhost:8000"), ("origin", "https://evil.example")],
        [("origin", "https://evil.example"), ("sec-fetch-site", "none")],
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("sec-fetch-site", "")],
        [("referer", "https://evil.example/page")],
        [("referer", "nonsense")],
    ],
)
def test_pages_of_other_sites(headers: list[tuple[str, str]]) -> None:
    assert foreign_page(headers, _OURS) is not None


@pytest.mark.parametrize(
    ("origin", "is_loopback"),
    [
        ("http://localhost:3000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8000", True),
        ("https://evil.example", False),
        ("http://localhost.evil.example", False),
        ("null", False),
        ("file://localhost", False),
        ("", False),
    ],
)
def test_origins_of_this_machine(origin: str, *, is_loopback: bool) -> None:
    assert is_loopback_origin(origin) is is_loopback
