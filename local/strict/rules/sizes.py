"""Sizes that other services limit."""

import json
from typing import Final

from local.strict.registry import Call, Refusal, refuses

_GATEWAY: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_MOST_ENVIRONMENT_BYTES: Final = 4096


@refuses(
    "lambda:CreateFunction",
    "lambda:UpdateFunctionConfiguration",
    "AWS::Lambda::Function",
    what="environment variables over 4 KB in one Lambda function",
    source="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
)
def lambda_environment(call: Call) -> Refusal | None:
    given = call.properties if call.properties is not None else call.json
    variables = (given.get("Environment") or {}).get("Variables") or {}
    measured = json.dumps(variables, separators=(",", ":"))
    if len(measured.encode()) <= _MOST_ENVIRONMENT_BYTES:
        return None
    return Refusal(
        400,
        "InvalidParameterValueException",
        "Lambda was unable to configure your environment variables because the environment "
        f"variables you have provided exceeded the 4KB limit. String measured: {measured[:80]}…",
    )


_MOST_PARAMETER_CHARACTERS: Final = 4096


@refuses(
    "ssm:PutParameter",
    "AWS::SSM::Parameter",
    what="a standard parameter whose value is longer than 4,096 characters",
    source="https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
)
def parameter_size(call: Call) -> Refusal | None:
    given = call.properties if call.properties is not None else call.json
    if given.get("Tier", "Standard") != "Standard":
        return None
    if len(str(given.get("Value", ""))) <= _MOST_PARAMETER_CHARACTERS:
        return None
    return Refusal(
        400,
        "ValidationException",
        "Standard tier parameters support a maximum parameter value of 4096 characters. To create "
        "a larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
    )


_MOST_POSTED_BYTES: Final = 32 * 1024


@refuses(
    "execute-api:PostToConnection",
    what="a message over 32 KB posted to a WebSocket connection",
    source=f"{_GATEWAY}/apigateway-execution-service-websocket-limits-table.html",
)
def posted_message_size(call: Call) -> Refusal | None:
    if len(call.body) <= _MOST_POSTED_BYTES:
        return None
    return Refusal(413, "PayloadTooLargeException", "Payload too large")
