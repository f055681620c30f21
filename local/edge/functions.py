"""Runs a behaviour's published functions on the JavaScript engine of this machine."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from cf_functions.harness import NJS, NODE, Call, EngineError, Outcome, run
from local.edge.control import Published
from local.edge.events import (
    Context,
    InvalidResultError,
    changed_response,
    request_from,
    response_from,
    viewer_request_event,
    viewer_response_event,
)
from local.edge.messages import EdgeError, Request, Response

_LOG: Final = logging.getLogger(__name__)
# CloudFront gives up after about a millisecond of work; starting an engine takes longer.
_PATIENCE_SECONDS: Final = 5

Hear = Callable[[Outcome], None]


class Functions:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._engine = NJS if NJS.path else NODE

    @property
    def engine(self) -> str:
        return self._engine.name

    def on_request(
        self, function: Published, context: Context, request: Request, hear: Hear
    ) -> Request | Response:
        event = viewer_request_event(context, request)
        result = self._call(function, event, hear)
        try:
            if isinstance(result, dict) and "statusCode" in result:
                return response_from(result)
            if isinstance(result, dict) and "uri" in result:
                return request_from(result, event, request)
        except InvalidResultError as error:
            raise _invalid(function, error) from error
        raise _invalid(function, "it returned neither a request nor a response")

    def on_response(
        self,
        function: Published,
        context: Context,
        request: Request,
        response: Response,
        hear: Hear,
    ) -> Response:
        event = viewer_response_event(context, request, response)
        result = self._call(function, event, hear)
        try:
            return changed_response(result, event, response)
        except InvalidResultError as error:
            raise _invalid(function, error) from error

    def _call(self, function: Published, event: dict[str, Any], hear: Hear) -> Any:
        call = Call(function.name, event, function.store, int(self._clock() * 1000))
        sources = {function.name: function.code}
        try:
            (outcome,) = run(self._engine, [call], sources, timeout=_PATIENCE_SECONDS)
        except EngineError as error:
            raise EdgeError(
                503, f"function {function.name} failed: {error}", "FunctionExecutionError"
            ) from error
        hear(outcome)
        for line in outcome.logged:
            _LOG.info("%s: %s", function.name, line)
        return outcome.answer


def _invalid(function: Published, why: object) -> EdgeError:
    return EdgeError(
        502,
        f"function {function.name} returned a result that CloudFront rejects: {why}",
        "FunctionValidationError",
    )
