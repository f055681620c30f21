"""Keys, and how long an answer lives."""

import pytest

from local.edge.cache import Cache, Entry, Lifetime, key_of, lifetime
from local.edge.messages import Request, Response
from local.edge.policies import CachePolicy, Selection, Selections

POLICY = CachePolicy(min_ttl=0, default_ttl=50, max_ttl=1000)
AT_LEAST_10 = CachePolicy(min_ttl=10, default_ttl=50, max_ttl=1000)
OFF = CachePolicy()


@pytest.mark.parametrize(
    ("header", "policy", "expected"),
    [
        (None, POLICY, Lifetime(50)),
        ("max-age=30", POLICY, Lifetime(30)),
        ("max-age=30, s-maxage=40", POLICY, Lifetime(40)),
        ('S-MaxAge="40"', POLICY, Lifetime(40)),
        ("max-age=3000", POLICY, Lifetime(1000)),
        ("max-age=0", POLICY, Lifetime(0)),
        ("max-age=0", AT_LEAST_10, Lifetime(10)),
        ("max-age=soon", POLICY, Lifetime(50)),
        ("no-store", POLICY, Lifetime(0)),
        ("no-cache", AT_LEAST_10, Lifetime(10)),
        ("private, max-age=30", POLICY, Lifetime(0)),
        ("max-age=30", OFF, Lifetime(0)),
        (
            "s-maxage=600, stale-while-revalidate=120, stale-if-error=5000",
            POLICY,
            Lifetime(600, 120, 1000),
        ),
    ],
)
def test_lifetimes(header: str | None, policy: CachePolicy, expected: Lifetime) -> None:
    headers = (("cache-control", header),) if header else ()
    assert lifetime(Response(200, headers), policy, now=0) == expected


@pytest.mark.parametrize(
    ("expires", "seconds"),
    [("Thu, 01 Jan 1970 00:01:40 GMT", 90), ("Thu, 01 Jan 1970 00:00:01 GMT", 0), ("0", 0)],
)
def test_expires(expires: str, seconds: float) -> None:
    assert lifetime(Response(200, (("expires", expires),)), POLICY, now=10).fresh == seconds


@pytest.mark.parametrize("status", [206, 304, 401, 429])
def test_neither_parts_nor_most_refusals_are_kept(status: int) -> None:
    assert lifetime(Response(status, (("cache-control", "max-age=9"),)), POLICY, 0) == Lifetime()


@pytest.mark.parametrize(
    ("status", "header", "policy", "kept_s"),
    [
        (404, "no-store", OFF, 10),
        (404, "max-age=9", POLICY, 10),
        (404, "max-age=90", POLICY, 90),
        (404, "max-age=9000", POLICY, 1000),
        (503, "max-age=90", OFF, 10),
        (403, "no-store", POLICY, 0),
        (403, "max-age=9", POLICY, 10),
    ],
)
def test_an_error_is_kept_for_the_longer_of_two_times(
    status: int, header: str, policy: CachePolicy, kept_s: float
) -> None:
    response = Response(status, (("cache-control", header),))
    assert lifetime(response, policy, now=0, error_ttl=10).fresh == kept_s


def test_windows() -> None:
    entry = Entry(Response(200), asked_at=100, lifetime=Lifetime(10, 5, 20))
    assert [entry.is_fresh(now) for now in (109.9, 110)] == [True, False]
    assert [entry.may_revalidate_behind(now) for now in (114.9, 115)] == [True, False]
    assert [entry.may_cover_an_error(now) for now in (129.9, 130)] == [True, False]
    assert entry.age(107.9) == 7


def test_keys() -> None:
    policy = CachePolicy(
        Selections(
            Selection(frozenset({"accept"})),
            Selection(frozenset({"theme"})),
            Selection(frozenset({"limit"})),
        ),
        encodings=("gzip",),
    )

    def key(query: str, *headers: tuple[str, str]) -> object:
        return key_of("E1", Request("GET", "/a", query, headers), policy)

    assert key("limit=1&x=2", ("cookie", "sid=1"), ("x-a", "b")) == key("limit=1")
    assert key("limit=1") != key("limit=2")
    assert key("limit=1") != key("limit=1&limit=1")
    assert key("", ("accept", "a")) != key("", ("accept", "b"))
    assert key("", ("cookie", "theme=a")) != key("", ("cookie", "theme=b"))
    assert key("", ("accept-encoding", "gzip, br")) == key("", ("accept-encoding", "gzip;q=1"))
    assert key("", ("accept-encoding", "gzip")) != key("")


def test_an_answer_to_a_request_before_an_invalidation_is_not_cached_after_it() -> None:
    cache = Cache(lambda: 0.0)
    key, other = (key_of("E1", Request("GET", uri), POLICY) for uri in ("/a/b", "/c"))
    before = cache.asking()
    cache.drop(["/a/*"])
    cache.keep(key, Response(200), POLICY, before)
    cache.keep(other, Response(200), POLICY, before)
    assert (cache.look_up(key), cache.look_up(other) is not None) == (None, True)
    cache.keep(key, Response(200), POLICY, cache.asking())
    assert cache.look_up(key)


def test_an_answer_that_may_not_be_kept_ends_what_was() -> None:
    cache = Cache(lambda: 0.0)
    key = key_of("E1", Request("GET", "/a"), POLICY)
    cache.keep(key, Response(200), POLICY, cache.asking())
    cache.keep(key, Response(503), POLICY, cache.asking())
    assert cache.look_up(key)
    cache.keep(key, Response(404), POLICY, cache.asking())
    assert cache.look_up(key) is None


def test_one_refresh_at_a_time() -> None:
    cache = Cache(lambda: 0.0)
    key = key_of("E1", Request("GET", "/a"), POLICY)
    assert [cache.begin_refresh(key), cache.begin_refresh(key)] == [True, False]
    cache.end_refresh(key)
    assert cache.begin_refresh(key)
