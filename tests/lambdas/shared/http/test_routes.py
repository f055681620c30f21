"""A route is written once, and whoever serves, answers or forwards it reads it there."""

from fnmatch import fnmatch

import pytest

from config import paths
from config.manifests import CAPABILITIES
from lambdas.analytics.routes import ROUTES as ANALYTICS
from lambdas.creators.routes import ROUTES as CREATORS
from lambdas.data.routes import ROUTES as DATA
from lambdas.secrets.routes import ROUTES as SECRETS
from lambdas.shared.http.endpoint import Answer, dispatch
from lambdas.shared.http.requests import Request
from lambdas.shared.http.routes import Route, Routes
from lambdas.telemetry.routes import ROUTES as TELEMETRY

ITEMS = Routes("/items", list="GET /", read="GET /{id}")


def test_a_route_is_known_by_its_name() -> None:
    assert ITEMS.keys("/api/items") == {"list": "GET /api/items/", "read": "GET /api/items/{id}"}
    assert ITEMS.path("read", "/api") == "/api/items/{id}"
    assert list(ITEMS.below("/api")) == [
        Route("GET", "/api/items/"),
        Route("GET", "/api/items/{id}"),
    ]


def test_a_request_is_answered_by_its_route() -> None:
    answer = dispatch(
        ITEMS.keys("/api"), {"list": lambda _: Answer(["listed"]), "read": lambda _: Answer([])}
    )
    answered = answer(Request({"routeKey": "GET /api/"}, 0))
    assert isinstance(answered, Answer)
    assert answered.body == ["listed"]


def test_a_route_without_an_answer_stops_the_start() -> None:
    with pytest.raises(ValueError, match="read"):
        dispatch(ITEMS.keys("/api"), {"list": lambda _: Answer([])})


@pytest.mark.parametrize(
    "route",
    [
        route
        for routes in (TELEMETRY, DATA, ANALYTICS, CREATORS, SECRETS)
        for route in routes.below(paths.API_BASE_PATH)
    ],
    ids=lambda route: f"{route.method} {route.path}",
)
def test_the_distribution_forwards_every_route_by_one_pattern(route: Route) -> None:
    patterns = [pattern.path for each in CAPABILITIES for pattern in each.patterns]
    within = [each for each in patterns if fnmatch(route.path, f"{paths.API_BASE_PATH}/{each}")]
    assert len(within) == 1
