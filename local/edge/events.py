"""Events for functions, and requests and responses from their results."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import chain
from typing import Any, Final

from cf_functions.runtime import words
from local.edge.messages import Headers, Request, Response, without

Json = dict[str, Any]
Pairs = Iterable[tuple[str, str]]

_FORBIDDEN: Final = words(
    "connection expect keep-alive proxy-authenticate proxy-authorization proxy-connection trailer"
    " upgrade x-accel-buffering x-accel-charset x-accel-limit-rate x-accel-redirect x-amzn-auth"
    " x-amzn-cf-billing x-amzn-cf-id x-amzn-cf-xff x-amzn-errortype x-amzn-fle-profile"
    " x-amzn-header-count x-amzn-header-order x-amzn-lambda-integration-tag x-amzn-requestid"
    " x-cache x-forwarded-proto x-real-ip"
)
_FORBIDDEN_STARTS: Final = ("x-amz-cf-", "x-edge-")
_READ_ONLY_IN_REQUESTS: Final = ("content-length", "host", "transfer-encoding", "via")
_READ_ONLY_IN_RESPONSES: Final = ("via", "warning")
_NOT_IN_HEADERS: Final = {"cookie": "request.cookies", "set-cookie": "response.cookies"}


class InvalidResultError(Exception):
    """A function's result that CloudFront would reject."""


@dataclass(frozen=True, slots=True)
class Context:
    distribution_domain: str
    distribution_id: str
    request_id: str


def is_forbidden(name: str) -> bool:
    """Headers that functions neither see nor set."""
    return name in _FORBIDDEN or name.startswith(_FORBIDDEN_STARTS)


def viewer_request_event(context: Context, request: Request) -> Json:
    return _event("viewer-request", context, request)


def viewer_response_event(context: Context, request: Request, response: Response) -> Json:
    return _event("viewer-response", context, request) | {"response": _response_of(response)}


def _event(event_type: str, context: Context, request: Request) -> Json:
    return {
        "version": "1.0",
        "context": {
            "distributionDomainName": context.distribution_domain,
            "distributionId": context.distribution_id,
            "eventType": event_type,
            "requestId": context.request_id,
        },
        "viewer": {"ip": request.ip},
        "request": {
            "method": request.method,
            "uri": request.uri,
            "querystring": grouped(request.parameters),
            "headers": grouped(_shown(request.headers)),
            "cookies": grouped(request.cookies),
        },
    }


def _response_of(response: Response) -> Json:
    lines = (value for name, value in response.headers if name == "set-cookie")
    cookies: Json = {}
    for line in lines:
        pair, _, attributes = line.partition(";")
        name, _, value = pair.strip().partition("=")
        cookie = {"value": value, "attributes": attributes.strip()}
        _add(cookies, name, cookie if attributes else {"value": value})
    return {
        "statusCode": response.status,
        "statusDescription": _phrase(response.status),
        "headers": grouped(_shown(response.headers)),
        "cookies": cookies,
    }


def _shown(headers: Headers) -> Headers:
    return tuple(
        (name, value)
        for name, value in headers
        if name not in _NOT_IN_HEADERS and not is_forbidden(name)
    )


def grouped(pairs: Pairs) -> Json:
    values: Json = {}
    for name, value in pairs:
        _add(values, name, {"value": value})
    return values


def _add(values: Json, name: str, entry: Json) -> None:
    """A name has multiValue only if it occurs more than once."""
    first = values.get(name)
    if first is None:
        values[name] = entry
    else:
        first.setdefault("multiValue", [dict(first)]).append(entry)


def request_from(result: Any, event: Json, request: Request) -> Request:
    """The request as a viewer-request function changed it."""
    sent: Json = event["request"]
    if result.get("method", sent["method"]) != sent["method"]:
        raise InvalidResultError("request.method is read-only")
    uri = result.get("uri")
    if not isinstance(uri, str) or not uri.startswith("/"):
        raise InvalidResultError("request.uri must be a text that starts with /")
    headers = _headers_in(result)
    _refuse_changed(sent["headers"], headers, _READ_ONLY_IN_REQUESTS)
    parameters = _mapping(result, "querystring")
    cookies = _pairs(_mapping(result, "cookies"), "cookies")
    line = "; ".join(f"{name}={value}" for name, value in cookies)
    return replace(
        request,
        uri=uri,
        query=request.query if parameters == sent["querystring"] else _query_of(parameters),
        headers=(*_pairs(headers, "headers"), *([("cookie", line)] if line else [])),
    )


def _query_of(parameters: Json) -> str:
    pairs = _pairs(parameters, "querystring")
    return "&".join(f"{name}={value}" if value else name for name, value in pairs)


def response_from(result: Any) -> Response:
    """A response that a viewer-request function made."""
    return Response(_status_in(result), _response_headers(result), _body_in(result) or b"")


def changed_response(result: Any, event: Json, response: Response) -> Response:
    """The response as a viewer-response function changed it."""
    if not isinstance(result, dict) or "statusCode" not in result:
        raise InvalidResultError("a viewer-response function must return a response")
    _refuse_changed(event["response"]["headers"], _headers_in(result), _READ_ONLY_IN_RESPONSES)
    hidden = tuple(pair for pair in response.headers if is_forbidden(pair[0]))
    body = _body_in(result)
    return Response(
        _status_in(result),
        _response_headers(result) + hidden,
        response.body if body is None else body,
    )


def _status_in(result: Json) -> int:
    status = result["statusCode"]
    if not isinstance(status, int) or not 100 <= status <= 599:
        raise InvalidResultError("response.statusCode must be a whole number from 100 to 599")
    return status


def _response_headers(result: Json) -> Headers:
    headers = without(_pairs(_headers_in(result), "headers"), {"content-length"})
    return headers + tuple(("set-cookie", line) for line in _set_cookies(result))


def _set_cookies(result: Json) -> Iterable[str]:
    for name, cookie in _mapping(result, "cookies").items():
        for entry in _entries(cookie, f"cookies.{name}"):
            attributes = entry.get("attributes")
            yield f"{name}={entry['value']}" + (f"; {attributes}" if attributes else "")


def _body_in(result: Json) -> bytes | None:
    body = result.get("body")
    if isinstance(body, dict):
        data, encoding = body.get("data", ""), body.get("encoding", "text")
    else:
        data, encoding = body, "text"
    if data is None:
        return None
    if not isinstance(data, str) or encoding not in ("text", "base64"):
        raise InvalidResultError("response.body must be a text, or {encoding, data}")
    try:
        return data.encode() if encoding == "text" else base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise InvalidResultError("response.body.data is not base64") from error


def _headers_in(result: Json) -> Json:
    headers = _mapping(result, "headers")
    for name in headers:
        if name != name.lower():
            raise InvalidResultError(f"header {name}: names must be in lower case")
        if is_forbidden(name):
            raise InvalidResultError(f"header {name}: functions must not set it")
        if name in _NOT_IN_HEADERS:
            raise InvalidResultError(f"header {name}: it belongs into {_NOT_IN_HEADERS[name]}")
    return headers


def _refuse_changed(before: Json, after: Json, read_only: Iterable[str]) -> None:
    for name in read_only:
        if before.get(name) != after.get(name):
            raise InvalidResultError(f"header {name}: it is read-only")


def _mapping(result: Json, name: str) -> Json:
    value = result.get(name, {})
    if not isinstance(value, dict):
        raise InvalidResultError(f"{name} must be an object")
    return value


def _pairs(values: Json, where: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        chain.from_iterable(
            ((name, entry["value"]) for entry in _entries(value, f"{where}.{name}"))
            for name, value in values.items()
        )
    )


def _entries(value: Any, where: str) -> list[Mapping[str, str]]:
    entries = value.get("multiValue") or [value] if isinstance(value, dict) else [None]
    for entry in entries:
        text = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(text, str) or not _fits_a_line(text):
            raise InvalidResultError(f"{where}: must be {{value: a text of one line}}")
    return list(entries)


def _fits_a_line(text: str) -> bool:
    return not any(character in "\r\n\0" or ord(character) > 0xFF for character in text)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
