"""Stages of HTTP and WebSocket APIs."""

from typing import Any, Final

from local.strict.registry import Call, Refusal, refuses

_SOURCE: Final = (
    "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html"
)


@refuses(
    "apigateway:CreateStage",
    "apigateway:UpdateStage",
    "AWS::ApiGatewayV2::Stage",
    what="settings of a stage for a route that its API does not have, or not yet",
    source=_SOURCE,
)
def settings_of_unknown_routes(call: Call) -> Refusal | None:
    api, settings = _asked(call)
    unknown = sorted(settings.keys() - _routes(api))
    if not unknown:
        return None
    return Refusal(
        404,
        "NotFoundException",
        f"Unable to find Route by key {unknown[0]} within the provided RouteSettings",
    )


def _asked(call: Call) -> tuple[str, dict[str, Any]]:
    if call.properties is not None:
        given = call.properties
        return str(given.get("ApiId", "")), given.get("RouteSettings") or {}
    return call.path.split("/")[3], call.json.get("routeSettings") or {}


def _routes(api: str) -> set[str]:
    from ministack.services import apigateway

    return {str(route["routeKey"]) for route in apigateway._routes.get(api, {}).values()}
