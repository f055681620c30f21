"""What every HTTP function does around its answer: lock, clock, units, refusals, one log line."""

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.shared.dynamo.units import THROTTLED, Spent
from lambdas.shared.http.errors import Busy, Refusal, status_of
from lambdas.shared.http.origin_lock import HEADER, OriginLock
from lambdas.shared.http.requests import Event, Request

if TYPE_CHECKING:
    from lambdas.shared.dynamo.table import MeteredTable

Response = dict[str, Any]

NO_STORE: Final = "no-store"
_EDGE_ID: Final = "x-amz-cf-id"
"""CloudFront's id of the request. The viewer gets it too, so it finds both sides of a report."""
_LONGEST_EDGE_ID: Final = 64
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answers, and logs."""

    body: Mapping[str, Any] | Sequence[Any]
    cache_control: str = NO_STORE
    log: Mapping[str, Any] = field(default_factory=dict)
    """Goes into the request's log line. Nothing in it says who played."""
    measured: Mapping[str, int] = field(default_factory=dict)
    """Goes into the content type, which CloudFront's log has."""


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is not JSON."""

    content: bytes
    content_type: str
    cache_control: str = NO_STORE
    log: Mapping[str, Any] = field(default_factory=dict)


Answering = Callable[[Request], Answer | File]
Log = Mapping[str, Any]


def endpoint(
    answer: Answering,
    *,
    lock: OriginLock,
    logger: Logger,
    tables: Sequence["MeteredTable"] = (),
    reads_only: bool = False,
) -> Callable[[Event, Any], Response]:
    """The function that Lambda calls, after API Gateway has chosen the route.

    Logs one line for each request, with the units that these tables spend on it.
    """

    def handler(event: Event, context: Any) -> Response:
        started = time.perf_counter()
        request_id = context.aws_request_id
        edge_id: str = event.get("headers", {}).get(_EDGE_ID, "")[:_LONGEST_EDGE_ID]
        try:
            lock.check(event["headers"].get(HEADER))
            spent = _metering(tables)
            answered = answer(Request(event, time.time_ns() // 1_000_000))
            units = _units(spent, reads_only=reads_only) if tables else {}
            detail: Log = {**answered.log, **units}
            response = _answered(answered)
        except Exception as failure:
            refused = _refused(failure)
            if refused is None:
                return _unknown_failure(logger, request_id, edge_id)
            response, detail = refused
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


def dispatch(keys: Mapping[str, str], answers: Mapping[str, Answering]) -> Answering:
    """Answers each of several routes. Keys and answers go by the routes' names."""
    if keys.keys() != answers.keys():
        raise ValueError(
            f"routes without an answer, or answers without a route: {keys.keys() ^ answers.keys()}"
        )
    by_key = {keys[name]: answer for name, answer in answers.items()}
    return lambda request: by_key[request.event["routeKey"]](request)


def for_project(project_id: str | None) -> dict[str, str]:
    """What the log line says about the project; nothing where the request names none."""
    return {} if project_id is None else {"project": project_id}


def _metering(tables: Sequence["MeteredTable"]) -> Spent:
    """One count for all tables, which starts at zero with each request."""
    spent = Spent()
    for table in tables:
        table.spent = spent
    return spent


def _units(spent: Spent, *, reads_only: bool) -> dict[str, float]:
    return {"rru": spent.reads} if reads_only else {"rru": spent.reads, "wru": spent.writes}


def _refused(failure: Exception) -> tuple[Response, Log] | None:
    """The response and the log of a refusal; None where the failure is none."""
    if isinstance(failure, Refusal):
        return _refusal(failure), {"refused": failure.code}
    if isinstance(failure, ClientError) and failure.response["Error"]["Code"] in THROTTLED:
        return _refusal(Busy()), {
            "refused": Busy.code,
            "cause": failure.response["Error"]["Code"],
            "operation": failure.operation_name,
        }
    return None


def _refusal(refusal: Refusal) -> Response:
    response = _error(status_of(refusal), refusal.code, str(refusal))
    response["headers"]["content-type"] += _parameters(refusal.measured)
    if refusal.retry_after is not None:
        response["headers"]["retry-after"] = str(refusal.retry_after)
    return response


def _unknown_failure(logger: Logger, request_id: str, edge_id: str) -> Response:
    """Logs the exception that is being handled."""
    logger.exception("unknown failure", request_id=request_id, edge_id=edge_id)
    return _error(500, "internal", f"the server failed; its log has request {request_id}")


def _error(status: int, code: str, message: str) -> Response:
    response = _response(status, {"error": {"code": code, "message": message}})
    # CloudFront's log has this header and no other of the response, so it names the code, too.
    response["headers"]["content-type"] += f"; code={code}"
    return response


def _parameters(measured: Mapping[str, int]) -> str:
    return "".join(f"; {name}={value}" for name, value in measured.items())


def _answered(answered: Answer | File) -> Response:
    if isinstance(answered, Answer):
        response = _response(200, answered.body, answered.cache_control)
        response["headers"]["content-type"] += _parameters(answered.measured)
        return response
    response = _response(200, {}, answered.cache_control)
    response["headers"]["content-type"] = answered.content_type
    content = base64.b64encode(answered.content).decode()
    return {**response, "body": content, "isBase64Encoded": True}


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
