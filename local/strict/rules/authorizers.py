"""JWT authorizers of HTTP APIs."""

import json
import urllib.error
import urllib.request
from typing import Final
from urllib.parse import urlsplit

from local.strict.registry import Call, Refusal, refuses

_SOURCE: Final = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"
)
_DISCOVERY: Final = "/.well-known/openid-configuration"
_DISCOVERY_SECONDS: Final = 5


@refuses(
    "apigateway:CreateAuthorizer",
    "apigateway:UpdateAuthorizer",
    "AWS::ApiGatewayV2::Authorizer",
    what="a JWT authorizer whose issuer is not https or publishes no discovery document (the "
    "local stand-in excepted)",
    source=_SOURCE,
    waits=True,
)
def issuer_without_discovery(call: Call) -> Refusal | None:
    asked = call.json
    if asked.get("authorizerType", "JWT") != "JWT" or "jwtConfiguration" not in asked:
        return None
    issuer = str(asked["jwtConfiguration"].get("issuer", ""))
    if issuer in call.strictness.issuers:
        return None
    problem = _discovery_problem(issuer)
    if problem is None:
        return None
    return Refusal(
        400,
        "BadRequestException",
        f"Caught exception when connecting to {issuer.rstrip('/')}{_DISCOVERY} for issuer "
        f"{issuer}. Please try again later. Error: {problem}",
    )


def _discovery_problem(issuer: str) -> str | None:
    invalid = (
        f"Invalid issuer: {issuer}. Issuer must have a valid discovery endpoint ended with "
        f"'{_DISCOVERY}'"
    )
    if urlsplit(issuer).scheme != "https":
        return invalid
    try:
        request = urllib.request.Request(issuer.rstrip("/") + _DISCOVERY)
        with urllib.request.urlopen(request, timeout=_DISCOVERY_SECONDS) as answer:
            document = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return invalid
    if not isinstance(document, dict) or not document.get("jwks_uri"):
        return invalid
    return None
