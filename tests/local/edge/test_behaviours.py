"""Which behaviour takes a request is read from the config alone, in its order."""

from typing import Any

import pytest

from local.edge.behaviours import DEFAULT_PATTERN, Distribution, distribution_from
from local.edge.messages import EdgeError


def config(*patterns: str, **changes: Any) -> dict[str, Any]:
    target = {"TargetOriginId": "o"}
    behaviours = [{"PathPattern": pattern, **target} for pattern in patterns]
    return {
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "o.example"}]},
        "DefaultCacheBehavior": target,
        "CacheBehaviors": {"Quantity": len(behaviours), "Items": behaviours},
        **changes,
    }


def read(*patterns: str, **changes: Any) -> Distribution:
    return distribution_from("E1", "d1.cloudfront.net", config(*patterns, **changes))


@pytest.mark.parametrize(
    ("uri", "pattern"),
    [("/api/a", "/api/*"), ("/api/scores/a", "/api/*"), ("/x", DEFAULT_PATTERN)],
)
def test_the_first_that_matches_takes_it(uri: str, pattern: str) -> None:
    distribution = read("/api/*", "/api/scores/*")
    assert distribution.behaviour_for(uri).pattern == pattern


def test_without_any_behaviour_the_default_takes_it() -> None:
    assert read(CacheBehaviors={"Quantity": 0}).behaviour_for("/").pattern == DEFAULT_PATTERN


def test_methods_are_get_and_head_unless_it_says_more() -> None:
    assert read().behaviour_for("/").methods == {"GET", "HEAD"}


def test_only_the_root_itself_has_a_default_object() -> None:
    distribution = read(DefaultRootObject="index.html")
    assert distribution.root("/") == "/index.html"
    assert distribution.root("/a/") == "/a/"
    assert read().root("/") == "/"


def test_an_origin_group_is_its_primary() -> None:
    group = {"Id": "g", "Members": {"Items": [{"OriginId": "o"}, {"OriginId": "p"}]}}
    distribution = read(
        OriginGroups={"Quantity": 1, "Items": [group]},
        DefaultCacheBehavior={"TargetOriginId": "g"},
    )
    assert distribution.origin_of(distribution.behaviour_for("/"))["Id"] == "o"


def test_an_origin_that_is_not_there() -> None:
    distribution = read(DefaultCacheBehavior={"TargetOriginId": "nowhere"})
    with pytest.raises(EdgeError, match="names an origin that is not there"):
        distribution.origin_of(distribution.behaviour_for("/"))


def test_only_errors_with_a_page_have_one() -> None:
    responses = [
        {"ErrorCode": 404, "ResponsePagePath": "/lost.html", "ResponseCode": "200"},
        {"ErrorCode": 500, "ErrorCachingMinTTL": 5},
    ]
    distribution = read(CustomErrorResponses={"Quantity": 2, "Items": responses})
    assert [(code, page.status) for code, page in distribution.error_pages.items()] == [(404, 200)]
