"""Events look like CloudFront's, and what comes back is held to its rules."""

import copy
from typing import Any

import pytest

from local.edge.events import (
    Context,
    InvalidResultError,
    changed_response,
    request_from,
    response_from,
    viewer_request_event,
    viewer_response_event,
)
from local.edge.messages import Request, Response

CONTEXT = Context("d1.cloudfront.net", "E1", "id")
REQUEST = Request(
    "GET",
    "/a%20b",
    "q=%2F&flag&q=2",
    (
        ("host", "site.example"),
        ("accept", "a"),
        ("accept", "b"),
        ("cookie", "one=1; two=2; one=3"),
        ("x-amz-cf-id", "hidden"),
        ("x-edge-auth", "hidden"),
    ),
    b"body",
    "192.0.2.1",
)


def test_a_request_event() -> None:
    assert viewer_request_event(CONTEXT, REQUEST) == {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d1.cloudfront.net",
            "distributionId": "E1",
            "eventType": "viewer-request",
            "requestId": "id",
        },
        "viewer": {"ip": "192.0.2.1"},
        "request": {
            "method": "GET",
            "uri": "/a%20b",
            "querystring": {
                "q": {"value": "%2F", "multiValue": [{"value": "%2F"}, {"value": "2"}]},
                "flag": {"value": ""},
            },
            "headers": {
                "host": {"value": "site.example"},
                "accept": {"value": "a", "multiValue": [{"value": "a"}, {"value": "b"}]},
            },
            "cookies": {
                "one": {"value": "1", "multiValue": [{"value": "1"}, {"value": "3"}]},
                "two": {"value": "2"},
            },
        },
    }


def returned(**changes: Any) -> Request:
    event = viewer_request_event(CONTEXT, REQUEST)
    result = copy.deepcopy(event["request"]) | changes
    return request_from(result, event, REQUEST)


def test_a_request_returned_as_it_was() -> None:
    same = returned()
    assert (same.uri, same.query, same.body) == (REQUEST.uri, REQUEST.query, REQUEST.body)
    assert same.headers == (
        ("host", "site.example"),
        ("accept", "a"),
        ("accept", "b"),
        ("cookie", "one=1; one=3; two=2"),
    )


def test_a_changed_request() -> None:
    changed = returned(
        uri="/c",
        cookies={},
        querystring={"a": {"value": "1", "multiValue": [{"value": "2"}, {"value": "3"}]}},
        headers={"host": {"value": "site.example"}, "x-a": {"value": "b"}},
    )
    assert (changed.uri, changed.query) == ("/c", "a=2&a=3")
    assert changed.headers == (("host", "site.example"), ("x-a", "b"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "PUT"}, "method is read-only"),
        ({"uri": "a"}, "starts with /"),
        ({"uri": None}, "starts with /"),
        ({"headers": {}}, "host: it is read-only"),
        ({"headers": {"host": {"value": "b"}}}, "host: it is read-only"),
        ({"headers": None}, "headers must be an object"),
        ({"cookies": {"a": "b"}}, "cookies.a"),
    ],
)
def test_requests_that_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidResultError, match=words):
        returned(**changes)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("x-edge-auth", "a", "must not set"),
        ("X-A", "a", "lower case"),
        ("connection", "close", "must not set"),
        ("x-amz-cf-pop", "a", "must not set"),
        ("cookie", "a=b", "belongs into request.cookies"),
        ("content-length", "1", "read-only"),
        ("via", "a", "read-only"),
        ("transfer-encoding", "chunked", "read-only"),
        ("x-a", "b\r\nc: d", "one line"),
        ("x-a", 1, "one line"),
        ("x-a", None, "one line"),
    ],
)
def test_headers_that_are_refused(name: str, value: Any, words: str) -> None:
    headers = viewer_request_event(CONTEXT, REQUEST)["request"]["headers"]
    with pytest.raises(InvalidResultError, match=words):
        returned(headers=headers | {name: {"value": value}})


def test_a_generated_response() -> None:
    response = response_from(
        {
            "statusCode": 401,
            "headers": {"x-a": {"value": "b"}, "content-length": {"value": "99"}},
            "cookies": {"c": {"value": "d", "attributes": "Path=/"}, "e": {"value": "f"}},
            "body": {"encoding": "base64", "data": "w6k="},
        }
    )
    assert response == Response(
        401,
        (("x-a", "b"), ("set-cookie", "c=d; Path=/"), ("set-cookie", "e=f")),
        "é".encode(),
    )
    assert response_from({"statusCode": 204}) == Response(204)
    assert response_from({"statusCode": 200, "body": "é"}).body == "é".encode()
    text = {"encoding": "text", "data": "t"}
    assert response_from({"statusCode": 200, "body": text}).body == b"t"


@pytest.mark.parametrize(
    "changes",
    [
        {"statusCode": "200"},
        {"statusCode": 99},
        {"headers": {"set-cookie": {"value": "a=b"}}},
        {"headers": {"x-cache": {"value": "a"}}},
        {"body": 1},
        {"body": {"encoding": "base64", "data": "?"}},
        {"body": {"encoding": "hex", "data": "00"}},
    ],
)
def test_responses_that_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidResultError):
        response_from({"statusCode": 200} | changes)


def test_a_response_event_and_its_way_back() -> None:
    response = Response(
        200,
        (
            ("x-a", "b"),
            ("set-cookie", "c=1; Path=/"),
            ("set-cookie", "c=2"),
            ("x-amzn-requestid", "hidden"),
        ),
        b"body",
    )
    event = viewer_response_event(CONTEXT, REQUEST, response)
    assert event["context"]["eventType"] == "viewer-response"
    assert event["response"] == {
        "statusCode": 200,
        "statusDescription": "OK",
        "headers": {"x-a": {"value": "b"}},
        "cookies": {
            "c": {
                "value": "1",
                "attributes": "Path=/",
                "multiValue": [{"value": "1", "attributes": "Path=/"}, {"value": "2"}],
            }
        },
    }
    assert changed_response(event["response"], event, response) == response
    with pytest.raises(InvalidResultError, match="via"):
        changed_response({"statusCode": 200, "headers": {"via": {"value": "a"}}}, event, response)
