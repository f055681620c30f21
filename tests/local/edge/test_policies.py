"""Cache keys, and the headers that an origin receives."""

from typing import Any

import pytest

from local.edge.messages import Request
from local.edge.origins import address_of, forwarded_headers, forwarded_query, with_custom_headers
from local.edge.policies import (
    ALL_VIEWER,
    ALL_VIEWER_EXCEPT_HOST_HEADER,
    EVERYTHING,
    MANAGED_ORIGIN_REQUEST_POLICIES,
    NOTHING,
    CachePolicy,
    Selection,
    Selections,
    cache_policy_from,
    legacy_policies_from,
    selections_from,
)

REQUEST = Request(
    "GET",
    "/a",
    "x=1&limit=2&x=3&flag",
    (
        ("host", "site.example"),
        ("user-agent", "browser"),
        ("accept", "a"),
        ("accept", "b"),
        ("accept-encoding", "gzip, br;q=0.9"),
        ("cookie", "sid=1; theme=dark"),
        ("connection", "keep-alive"),
        ("x-edge-auth", "forged"),
        ("content-length", "0"),
        ("x-forwarded-for", "192.0.2.1"),
    ),
    ip="198.51.100.1",
)
CLOUDFRONT = (("user-agent", "Amazon CloudFront"), ("x-forwarded-for", "192.0.2.1, 198.51.100.1"))


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (NOTHING, ""),
        (EVERYTHING, "abc abd x"),
        (Selection(frozenset({"abc"})), "abc"),
        (Selection(frozenset({"ab*"})), "abc abd"),
        (Selection(frozenset({"x"}), "except"), "abc abd"),
    ],
)
def test_selections(selection: Selection, taken: str) -> None:
    names = ("abc", "abd", "x")
    assert " ".join(name for name, _ in selection.pick((n, "") for n in names)) == taken


def test_without_policies_an_origin_learns_who_passed_it_on() -> None:
    assert forwarded_headers(REQUEST, CachePolicy(), Selections()) == CLOUDFRONT
    assert not forwarded_query(REQUEST, CachePolicy(), Selections())


def test_the_parts_of_the_cache_key_are_forwarded() -> None:
    policy = CachePolicy(
        Selections(
            Selection(frozenset({"accept"})),
            Selection(frozenset({"sid"})),
            Selection(frozenset({"limit"})),
        ),
        encodings=("br", "gzip"),
    )
    assert forwarded_headers(REQUEST, policy, Selections()) == (
        ("accept", "a"),
        ("accept", "b"),
        ("accept-encoding", "br,gzip"),
        CLOUDFRONT[0],
        ("cookie", "sid=1"),
        CLOUDFRONT[1],
    )
    assert forwarded_query(REQUEST, policy, Selections()) == "limit=2"


@pytest.mark.parametrize(
    ("policy", "host"), [(ALL_VIEWER, True), (ALL_VIEWER_EXCEPT_HOST_HEADER, False)]
)
def test_all_viewer_excludes_the_headers_of_the_connection(policy: str, *, host: bool) -> None:
    also = MANAGED_ORIGIN_REQUEST_POLICIES[policy]
    names = [name for name, _ in forwarded_headers(REQUEST, CachePolicy(), also)]
    expected = ["user-agent", "accept", "accept", "accept-encoding", "cookie", "x-forwarded-for"]
    assert names == (["host"] if host else []) + expected
    assert forwarded_query(REQUEST, CachePolicy(), also) == REQUEST.query


def test_an_origin_request_policy() -> None:
    assert selections_from(
        {
            "HeadersConfig": {"HeaderBehavior": "allExcept", "Headers": {"Items": ["Host"]}},
            "CookiesConfig": {"CookieBehavior": "whitelist", "Cookies": {"Items": ["Sid"]}},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        }
    ) == Selections(
        Selection(frozenset({"host"}), "except"), Selection(frozenset({"Sid"})), EVERYTHING
    )


def test_a_cache_policy() -> None:
    policy = cache_policy_from(
        {
            "MinTTL": 1,
            "MaxTTL": 9,
            "ParametersInCacheKeyAndForwardedToOrigin": {"EnableAcceptEncodingGzip": True},
        }
    )
    assert policy == CachePolicy(encodings=("gzip",), min_ttl=1, default_ttl=86_400, max_ttl=9)


def legacy(**forwarded: Any) -> tuple[CachePolicy, Selections]:
    return legacy_policies_from({"MinTTL": 0, "MaxTTL": 60, "ForwardedValues": forwarded})


def test_forwarded_values() -> None:
    cache, sent = legacy(
        QueryString=True, Cookies={"Forward": "all"}, Headers={"Items": ["Origin"]}
    )
    assert sent == Selections(Selection(frozenset({"origin"})), EVERYTHING, EVERYTHING)
    assert (cache.key, cache.max_ttl) == (sent, 60)
    nothing, _ = legacy(QueryString=False, QueryStringCacheKeys={"Items": ["v"]})
    assert nothing.key == Selections()


def test_forwarding_all_headers_disables_caching() -> None:
    cache, sent = legacy(QueryString=False, Headers={"Items": ["*"]})
    assert (cache.caches, sent.headers) == (False, EVERYTHING)


def test_custom_headers_replace_a_viewers() -> None:
    origin = {"CustomHeaders": {"Items": [{"HeaderName": "X-Lock", "HeaderValue": "right"}]}}
    sent = (("x-lock", "forged"), ("a", "b"), ("x-lock", "again"))
    assert with_custom_headers(origin, sent) == (("a", "b"), ("x-lock", "right"))


@pytest.mark.parametrize(
    ("protocol", "address"),
    [
        ("http-only", ("http", "o.example", 81)),
        ("match-viewer", ("http", "o.example", 81)),
        ("https-only", ("https", "o.example", 444)),
    ],
)
def test_addresses(protocol: str, address: tuple[str, str, int]) -> None:
    config = {"HTTPPort": 81, "HTTPSPort": 444, "OriginProtocolPolicy": protocol}
    assert address_of({"DomainName": "o.example", "CustomOriginConfig": config}) == address
