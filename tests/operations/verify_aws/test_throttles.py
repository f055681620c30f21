"""make verify-aws: whether stages have the throttles of the deployed template."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from operations.findings import Broken
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.aws_apis_checks import throttles

PUT, GET = "PUT /scores/{gameId}", "GET /ranking/{gameId}"


def limits(rate: float, burst: int) -> dict[str, float]:
    return {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst}


def stage(**routes: dict[str, float]) -> dict[str, Any]:
    return {"DefaultRouteSettings": limits(20, 40), "RouteSettings": routes}


PLANNED = stage(**{PUT: limits(5, 10), GET: limits(100, 200)})


def account(live: dict[str, Any]) -> Account:
    """An API whose stage is deployed as PLANNED and now is as given."""
    named = {"ApiId": {"Ref": "Api"}, "StageName": "prod"}
    resources = {
        "AWS::ApiGatewayV2::Api": Resource("S", "", "Api", "a1", {"Name": "htmlgame-scores"}),
        "AWS::ApiGatewayV2::Stage": Resource("S", "", "Stage", "prod", named | PLANNED),
    }
    client = SimpleNamespace(get_stage=lambda **_: live)
    found = SimpleNamespace(resources=lambda kind: [resources[kind]], client=lambda _: client)
    return cast("Account", found)


def test_stages_with_the_throttles_of_their_template_are_good() -> None:
    live = {**PLANNED, "RouteSettings": {**PLANNED["RouteSettings"], "GET /x": {}}}
    assert throttles(account(live)) == (
        "htmlgame-scores 20 a second, burst 40 and 2 routes with their own"
    )


@pytest.mark.parametrize(
    ("live", "problem"),
    [
        (
            stage(**{PUT: limits(500, 10), GET: limits(100, 200)}),
            f"{PUT} has 500 a second, burst 10, not 5 a second, burst 10",
        ),
        (stage(**{PUT: limits(5, 10)}), f"{GET} has none, not 100 a second, burst 200"),
        (
            stage(**PLANNED["RouteSettings"], **{"GET /x": limits(1, 1)}),
            "GET /x has 1 a second, burst 1, not none",
        ),
        (
            PLANNED | {"DefaultRouteSettings": limits(2000, 4000)},
            "has 2000 a second, burst 4000, not 20 a second, burst 40",
        ),
    ],
    ids=["raised", "removed", "added", "the stage's raised"],
)
def test_a_changed_throttle_is_named(live: dict[str, Any], problem: str) -> None:
    with pytest.raises(Broken) as caught:
        throttles(account(live))
    assert str(caught.value) == f"htmlgame-scores {problem}"
