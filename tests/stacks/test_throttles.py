"""The throttles of the deployed routes."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.templates import Assembly

Stage = dict[str, Any]


@pytest.fixture
def stages(assembly_of: Callable[[str], Assembly]) -> dict[str, Stage]:
    """Each stack's stage of its HTTP API, with every feature on."""
    return {
        name: resource
        for name in ("ScoreApiStack", "TelemetryStack")
        for resource in assembly_of("complete").contents[name]["Resources"].values()
        if resource["Type"] == "AWS::ApiGatewayV2::Stage"
    }


@pytest.fixture
def routes(assembly_of: Callable[[str], Assembly]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            resource["Properties"]["RouteKey"]: (made, resource["Properties"])
            for made, resource in assembly_of("complete").contents[name]["Resources"].items()
            if resource["Type"] == "AWS::ApiGatewayV2::Route"
        }
        for name in ("ScoreApiStack", "TelemetryStack")
    }


def test_a_stage_is_made_after_the_routes_that_it_names(
    stages: dict[str, Stage], routes: dict[str, dict[str, Any]]
) -> None:
    """API Gateway answers NotFound for settings of a route that does not exist."""
    for name, stage in stages.items():
        for key in stage["Properties"]["RouteSettings"]:
            made, _ = routes[name][key]
            assert made in stage["DependsOn"], key


def test_creators_routes_have_throttles_of_their_own(
    stages: dict[str, Stage], routes: dict[str, dict[str, Any]]
) -> None:
    settings = stages["TelemetryStack"]["Properties"]["RouteSettings"]
    signed_in = {
        key
        for key, (_, route) in routes["TelemetryStack"].items()
        if route["AuthorizationType"] == "JWT"
    }
    assert set(settings) == signed_in
    assert len(signed_in) > 15


def test_submissions_and_rankings_do_not_share_a_throttle(stages: dict[str, Stage]) -> None:
    settings = stages["ScoreApiStack"]["Properties"]["RouteSettings"]
    lanes = [key for key in settings if key.startswith("PUT /api/scores-")]
    assert len(lanes) == 16
    assert set(settings) == {*lanes, "GET /api/ranking/{gameId}/{period}"}
