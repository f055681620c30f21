"""An HTTP API's Lambda: checks the origin lock, answers, logs one line."""

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.shared.http.errors import Busy, Refusal, status_of
from lambdas.shared.http.origin_lock import HEADER, OriginLock

Event = dict[str, Any]
Response = dict[str, Any]

NO_STORE: Final = "no-store"
_EDGE_ID: Final = "x-amz-cf-id"
"""CloudFront's id of a request, told to the viewer and to us: one word finds both ends."""
_LONGEST_EDGE_ID: Final = 64
_THROTTLED: Final = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Answer:
    body: Mapping[str, Any] | Sequence[Any]
    cache_control: str = NO_STORE
    log: Mapping[str, Any] = field(default_factory=dict)
    """What the request's log line tells; nothing that tells who played."""


def _response(
    status: int, body: Mapping[str, Any] | Sequence[Any], cache_control: str = NO_STORE
) -> Response:
    return {
        "statusCode": status,
        "headers": {
            "content-type": "application/json; charset=utf-8",
            "cache-control": cache_control,
            "x-content-type-options": "nosniff",
        },
        "body": _encode(body),
    }


def _error(status: int, code: str, message: str) -> Response:
    return _response(status, {"error": {"code": code, "message": message}})


def _refused(refusal: Refusal) -> Response:
    response = _error(status_of(refusal), refusal.code, str(refusal))
    if refusal.retry_after is not None:
        response["headers"]["retry-after"] = str(refusal.retry_after)
    return response


def body_of(event: Event) -> bytes:
    body: str = event.get("body") or ""
    encoded = event.get("isBase64Encoded")
    return base64.b64decode(body) if encoded else body.encode("utf-8", "surrogatepass")


def endpoint(
    answer: Callable[[Event], Answer], *, lock: OriginLock, logger: Logger
) -> Callable[[Event, Any], Response]:
    """The function AWS calls. API Gateway has already routed."""

    def handler(event: Event, context: Any) -> Response:
        started = time.perf_counter()
        request_id = context.aws_request_id
        edge_id: str = event.get("headers", {}).get(_EDGE_ID, "")[:_LONGEST_EDGE_ID]
        detail: Mapping[str, Any] = {}
        try:
            lock.check(event["headers"].get(HEADER))
            answered = answer(event)
            detail = answered.log
            response = _response(200, answered.body, answered.cache_control)
        except Refusal as refusal:
            detail = {"refused": refusal.code}
            response = _refused(refusal)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THROTTLED:
                return _unknown_failure(logger, request_id, edge_id)
            detail = {
                "refused": Busy.code,
                "cause": error.response["Error"]["Code"],
                "operation": error.operation_name,
            }
            response = _refused(Busy())
        except Exception:
            return _unknown_failure(logger, request_id, edge_id)
        logger.info(
            event["routeKey"],
            status=response["statusCode"],
            ms=round((time.perf_counter() - started) * 1000, 1),
            request_id=request_id,
            edge_id=edge_id,
            **detail,
        )
        return response

    return handler


def by_route(answers: Mapping[str, Callable[[Event], Answer]]) -> Callable[[Event], Answer]:
    """For a function with several routes."""
    return lambda event: answers[event["routeKey"]](event)


def _unknown_failure(logger: Logger, request_id: str, edge_id: str) -> Response:
    """For use while the exception is being handled: it is logged here, and only here."""
    logger.exception("unknown failure", request_id=request_id, edge_id=edge_id)
    return _error(500, "internal", f"something failed here; it was logged as request {request_id}")
