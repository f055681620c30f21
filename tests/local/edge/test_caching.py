"""One origin, many viewers: who is answered from the cache, and until when."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError

from local.edge.policies import ALL_VIEWER_EXCEPT_HOST_HEADER
from tests.local.conftest import MANY, Site, behaviour, counted

LIMIT = {"QueryStringBehavior": "whitelist", "QueryStrings": counted(["limit"])}


def ranked(site: Site, cache_control: str) -> None:
    site.origin.headers = {"Cache-Control": cache_control}
    site.publish_distribution(
        behaviour(
            "/api/ranking/*",
            CachePolicyId=site.cache_policy(QueryStringsConfig=LIMIT),
            OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST_HEADER,
        )
    )


def test_the_second_viewer_is_answered_from_the_cache(site: Site) -> None:
    ranked(site, "s-maxage=600, max-age=0")
    first = site.ask("/api/ranking/g/all?limit=3")
    site.clock.now += 599
    second = site.ask("/api/ranking/g/all?limit=3")
    assert (first.cache, second.cache) == ("Miss", "Hit")
    assert second.headers["Age"] == "599"
    assert first.body == second.body
    assert [handled.cache for handled in site.edge.recent] == ["miss", "hit"]
    site.clock.now += 1
    third = site.ask("/api/ranking/g/all?limit=3")
    assert (third.cache, third.json["number"]) == ("Miss", 2)


def test_only_what_the_policy_names_splits_the_cache(site: Site) -> None:
    ranked(site, "s-maxage=600")
    site.ask("/api/ranking/g/all?limit=3", headers={"Cookie": "game_sid=a"})
    assert site.ask("/api/ranking/g/all?limit=3&x=1", headers={"Cookie": "b=c"}).cache == "Hit"
    assert site.ask("/api/ranking/g/all?limit=3", "HEAD").cache == "Hit"
    assert site.ask("/api/ranking/g/all?limit=4").cache == "Miss"
    assert site.ask("/api/ranking/g/all").cache == "Miss"
    assert site.ask("/api/ranking/h/all?limit=3").cache == "Miss"


def test_an_invalidation_makes_it_fresh_once(site: Site) -> None:
    ranked(site, "s-maxage=600")
    target, other = "/api/ranking/g/all?limit=3", "/api/ranking/h/all"
    site.ask(target)
    site.ask(other)
    site.invalidate("/api/ranking/g/all")
    assert site.ask(target).cache == "Hit"  # its query string is part of the path
    site.invalidate("/api/ranking/g/*")
    assert site.ask(target).cache == "Miss"
    site.edge.refresh()
    assert site.ask(target).cache == "Hit"
    assert site.ask(other).cache == "Hit"


def test_an_invalidation_that_could_not_be_read_is_read_the_next_time(site: Site) -> None:
    ranked(site, "s-maxage=600")
    site.ask("/api/ranking/g/all")
    site.invalidate("/api/ranking/g/*")
    events = site.edge._plane.control._cloudfront.meta.events
    events.register("before-send.cloudfront.GetInvalidation", _cut_off)
    assert site.ask("/api/ranking/g/all").status == 503
    events.unregister("before-send.cloudfront.GetInvalidation", _cut_off)
    assert site.ask("/api/ranking/g/all").cache == "Miss"


def _cut_off(**_: object) -> None:
    raise EndpointConnectionError(endpoint_url="the cloud")


def test_stale_while_revalidate(site: Site) -> None:
    ranked(site, "s-maxage=600, stale-while-revalidate=120")
    site.ask("/api/ranking/g/all")
    site.origin.answered.acquire()
    site.clock.now += 719
    stale = site.ask("/api/ranking/g/all")
    assert (stale.cache, stale.json["number"]) == ("RefreshHit", 1)
    assert site.origin.answered.acquire(timeout=10)
    while (fresh := site.ask("/api/ranking/g/all")).cache != "Hit":
        assert fresh.cache == "RefreshHit"
    assert (fresh.json["number"], fresh.headers["Age"], site.origin.asked) == (2, "0", 2)
    site.clock.now += 720
    assert site.ask("/api/ranking/g/all").cache == "Miss"


def test_stale_if_error(site: Site) -> None:
    ranked(site, "s-maxage=60, stale-if-error=60")
    site.ask("/api/ranking/g/all")
    site.origin.status = 503
    site.clock.now += 119
    assert (site.ask("/api/ranking/g/all").status, site.origin.asked) == (200, 2)
    site.clock.now += 1
    assert site.ask("/api/ranking/g/all").status == 503


def test_an_answer_that_must_not_be_cached_is_not_cached(site: Site) -> None:
    ranked(site, "no-store")
    assert [site.ask("/api/ranking/g/all").cache for _ in range(2)] == ["Miss", "Miss"]


@pytest.mark.parametrize("status", [404, 405, 414, 500, 501, 502, 503, 504])
def test_an_error_is_kept_ten_seconds_even_where_nothing_is_and_whatever_it_says(
    site: Site, status: int
) -> None:
    site.publish_distribution(behaviour("/api/*", AllowedMethods=counted(MANY)))
    site.origin.headers, site.origin.status = {"Cache-Control": "no-store"}, status
    site.ask("/api/x", headers={"Authorization": "one"})
    site.origin.status = 200
    site.clock.now += 9.9
    kept = site.ask("/api/x", headers={"Authorization": "another"})
    assert (kept.status, kept.cache, kept.headers["Age"]) == (status, "Error", "9")
    assert site.ask("/api/x", "PUT").status == 200
    assert site.ask("/api/y").status == 200
    site.clock.now += 0.1
    assert site.ask("/api/x").status == 200


@pytest.mark.parametrize("status", [400, 401, 403, 409, 410, 412, 415, 422, 429])
def test_other_errors_are_kept_only_where_they_say_so(site: Site, status: int) -> None:
    ranked(site, "no-store")
    site.origin.status = status
    assert [site.ask("/api/ranking/g/none").json["number"] for _ in range(2)] == [1, 2]
    site.origin.headers = {"Cache-Control": "s-maxage=600"}
    kept = [site.ask("/api/ranking/g/none").json["number"] for _ in range(2)]
    assert kept == ([3, 3] if status in (400, 403, 412, 415) else [3, 4])


def test_a_distribution_says_how_long_an_error_is_kept(site: Site) -> None:
    errors = [
        {"ErrorCode": 404, "ErrorCachingMinTTL": 0},
        {"ErrorCode": 500, "ErrorCachingMinTTL": 60},
    ]
    site.publish_distribution(CustomErrorResponses=counted(errors))
    for status, kept_s in ((404, 0), (500, 60)):
        site.origin.status = status
        assert site.ask(f"/{status}").status == status
        site.origin.status = 200
        if kept_s:
            site.clock.now += kept_s - 1
            assert site.ask(f"/{status}").status == status
            site.clock.now += 1
        assert site.ask(f"/{status}").status == 200


def test_an_invalidation_forgets_an_error(site: Site) -> None:
    site.publish_distribution()
    site.origin.status = 404
    site.ask("/x")
    site.origin.status = 200
    assert site.ask("/x").status == 404
    site.invalidate("/x")
    assert site.ask("/x").status == 200


def test_an_expired_answer_covers_a_failure_unless_its_headers_forbid_it(site: Site) -> None:
    for directive, status in (("", 200), (", must-revalidate", 503), (", stale-if-error=0", 503)):
        ranked(site, f"s-maxage=60{directive}")
        site.origin.status = 200
        site.ask("/api/ranking/g/all")
        site.clock.now += 61
        site.origin.status = 404
        assert site.ask("/api/ranking/g/other").status == 404
        site.origin.status = 503
        assert site.ask("/api/ranking/g/all").status == status, directive


def test_an_error_pushes_nothing_out_that_may_cover_it(site: Site) -> None:
    ranked(site, "s-maxage=60, stale-if-error=60")
    site.ask("/api/ranking/g/all")
    site.origin.status = 503
    site.clock.now += 61
    for _ in range(2):
        assert site.ask("/api/ranking/g/all").status == 200
        site.clock.now += 1


def test_nothing_is_kept_where_caching_is_disabled(site: Site) -> None:
    site.origin.headers = {"Cache-Control": "s-maxage=600"}
    site.publish_distribution()
    assert [site.ask("/").cache for _ in range(2)] == ["Miss", "Miss"]


def test_forwarded_values_of_old(site: Site) -> None:
    site.origin.headers = {"Cache-Control": "max-age=60"}
    legacy = behaviour(
        "/old/*",
        ForwardedValues={
            "QueryString": True,
            "QueryStringCacheKeys": counted(["v"]),
            "Cookies": {"Forward": "none"},
            "Headers": counted(["X-Kind"]),
        },
        MinTTL=0,
    )
    del legacy["CachePolicyId"]
    site.publish_distribution(legacy)
    first = site.ask("/old/a?v=1&w=2", headers={"Cookie": "a=b", "X-Kind": "k", "X-Other": "o"})
    assert first.json["target"] == "/old/a?v=1&w=2"
    assert not {"cookie", "x-other"} & first.json["headers"].keys()
    assert site.ask("/old/a?v=1&w=3", headers={"X-Kind": "k"}).cache == "Hit"
    assert site.ask("/old/a?v=1&w=3", headers={"X-Kind": "l"}).cache == "Miss"
