"""The shell of every HTTP function: origin lock, clock, spent units, refusals, one log line."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.shared.dynamo.units import THROTTLED, Metered, Spent
from lambdas.shared.http.errors import Busy, Refusal, status_of
from lambdas.shared.http.origin_lock import HEADER, OriginLock
from lambdas.shared.http.requests import Event, Request

Response = dict[str, Any]

NO_STORE: Final = "no-store"
_EDGE_ID: Final = "x-amz-cf-id"
"""CloudFront's id of a request, told to the viewer and to us: one word finds both ends."""
_LONGEST_EDGE_ID: Final = 64
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Answer:
    body: Mapping[str, Any] | Sequence[Any]
    cache_control: str = NO_STORE
    log: Mapping[str, Any] = field(default_factory=dict)
    """What the request's log line holds; nothing in it says who played."""


Answering = Callable[[Request], Answer]


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


def endpoint(
    answer: Answering,
    *,
    lock: OriginLock,
    logger: Logger,
    tables: Sequence[Metered] = (),
    reads_only: bool = False,
) -> Callable[[Event, Any], Response]:
    """The function that Lambda calls, after API Gateway has chosen the route.

    The request's log line holds the units that these tables spend on it.
    """

    def handler(event: Event, context: Any) -> Response:
        started = time.perf_counter()
        request_id = context.aws_request_id
        edge_id: str = event.get("headers", {}).get(_EDGE_ID, "")[:_LONGEST_EDGE_ID]
        detail: Mapping[str, Any] = {}
        try:
            lock.check(event["headers"].get(HEADER))
            spent = _metering(tables)
            answered = answer(Request(event, time.time_ns() // 1_000_000))
            detail = (
                {**answered.log, **_units(spent, reads_only=reads_only)} if tables else answered.log
            )
            response = _response(200, answered.body, answered.cache_control)
        except Refusal as refusal:
            detail = {"refused": refusal.code}
            response = _refused(refusal)
        except ClientError as error:
            if error.response["Error"]["Code"] not in THROTTLED:
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


def dispatch(keys: Mapping[str, str], answers: Mapping[str, Answering]) -> Answering:
    """For a function with several routes: keys and answers by the routes' names."""
    if keys.keys() != answers.keys():
        raise ValueError(
            f"routes without an answer, or the reverse: {keys.keys() ^ answers.keys()}"
        )
    by_key = {keys[name]: answer for name, answer in answers.items()}
    return lambda request: by_key[request.event["routeKey"]](request)


def _metering(tables: Sequence[Metered]) -> Spent:
    """One count for all tables, begun anew with each request."""
    spent = Spent()
    for table in tables:
        table.spent = spent
    return spent


def _units(spent: Spent, *, reads_only: bool) -> dict[str, float]:
    return {"rru": spent.reads} if reads_only else {"rru": spent.reads, "wru": spent.writes}


def _unknown_failure(logger: Logger, request_id: str, edge_id: str) -> Response:
    """For use while the exception is being handled: it is logged here, and only here."""
    logger.exception("unknown failure", request_id=request_id, edge_id=edge_id)
    return _error(500, "internal", f"something failed here; it was logged as request {request_id}")
