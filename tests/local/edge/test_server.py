"""A distribution's own config, its published functions and its origins, over HTTP."""

from __future__ import annotations

import http.client
import json
import socket
import socketserver
from unittest.mock import Mock
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from cf_functions.assemble import assemble
from config import names
from local.cloud import CloudError
from local.edge import LocalEdge
from local.edge.policies import ALL_VIEWER_EXCEPT_HOST_HEADER, CACHING_OPTIMIZED
from tests.local.conftest import (
    MANY,
    Site,
    behaviour,
    counted,
    runs,
    serving,
    without_pattern,
)

ANSWERS = """
function handler(event) {
  return {
    statusCode: 418,
    headers: { 'x-said': { value: event.context.eventType } },
    cookies: { pot: { value: 'tea', attributes: 'Path=/; HttpOnly' } },
    body: JSON.stringify(event)
  };
}
"""
FORWARDS = """
function handler(event) {
  event.request.uri = '/elsewhere';
  event.request.headers['x-added'] = { value: 'yes' };
  delete event.request.headers['x-secret'];
  return event.request;
}
"""


def says(text: str) -> str:
    return f"function handler(event) {{ return {{ statusCode: 200, body: '{text}' }}; }}"


def test_a_function_that_answers(site: Site) -> None:
    site.publish_distribution(
        behaviour("/api/*", FunctionAssociations=runs(site.function(ANSWERS)))
    )
    reply = site.ask("/api/x?a=1&a=2&b", headers={"Cookie": "one=1; two=2", "X-Edge-Auth": "no"})
    event = reply.json
    assert reply.status == 418
    assert reply.headers["X-Said"] == "viewer-request"
    assert reply.headers["Set-Cookie"] == "pot=tea; Path=/; HttpOnly"
    assert reply.cache == "FunctionGeneratedResponse"
    assert event["version"] == "1.0"
    assert event["context"]["distributionId"] == site.id
    assert event["context"]["distributionDomainName"].endswith(".cloudfront.net")
    assert event["request"]["uri"] == "/api/x"
    assert event["request"]["querystring"] == {
        "a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]},
        "b": {"value": ""},
    }
    assert event["request"]["cookies"] == {"one": {"value": "1"}, "two": {"value": "2"}}
    assert event["request"]["headers"]["host"] == {"value": f"localhost:{site.edge.port}"}
    assert not {"cookie", "x-edge-auth"} & event["request"]["headers"].keys()
    assert site.edge.origin_requests == site.origin.asked == 0


def test_a_function_that_forwards(site: Site) -> None:
    arn = site.function(FORWARDS)
    site.publish_distribution(
        behaviour(
            "/api/*",
            FunctionAssociations=runs(arn),
            AllowedMethods=counted(MANY),
            OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST_HEADER,
        )
    )
    sent = {"X-Secret": "1", "X-Kept": "2", "Content-Type": "text/plain", "Cookie": "c=3"}
    asked = site.ask("/api/x?q=%2F&r", "PUT", sent, b"hello").json
    assert (asked["method"], asked["target"], asked["body"]) == (
        "PUT",
        "/elsewhere?q=%2F&r",
        "hello",
    )
    assert asked["headers"]["x-added"] == "yes"
    assert asked["headers"]["x-kept"] == "2"
    assert asked["headers"]["cookie"] == "c=3"
    assert asked["headers"]["host"] == f"stub.localhost:{site.origin.server_port}"
    assert asked["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert "x-secret" not in asked["headers"]


def test_without_a_policy_an_origin_receives_almost_no_headers(site: Site) -> None:
    site.publish_distribution(behaviour("/api/*"))
    asked = site.ask("/api/x?q=1", headers={"Cookie": "c=3", "X-Kept": "2"}).json
    assert asked["target"] == "/api/x"
    assert asked["headers"].keys() == {
        "host",
        "user-agent",
        "x-forwarded-for",
        "connection",
        "via",
        "x-amz-cf-id",
    }


def test_records_of_requests_have_no_secrets(site: Site) -> None:
    arn = site.function(ANSWERS)
    site.publish_distribution(behaviour("/api/*", FunctionAssociations=runs(arn)))
    site.ask("/api/x?key=hidden", headers={"X-Token": "hidden"})
    site.ask("/other")
    answered, forwarded = site.edge.recent
    assert (answered.behaviour, answered.function) == ("/api/*", arn.rpartition("/")[2])
    assert (answered.decision, answered.status, answered.origin) == ("answered 418", 418, None)
    assert (forwarded.behaviour, forwarded.origin, forwarded.cache) == (
        "default (*)",
        "stub",
        "none",
    )
    assert site.edge.origin_requests == 1
    assert "hidden" not in repr(site.edge.recent)


def test_a_function_reads_its_store(site: Site) -> None:
    store = site.store({f"key{number}": f"value{number}" for number in range(120)})
    arn = site.function(
        "import cf from 'cloudfront';"
        "async function handler(event) {"
        "  const value = await cf.kvs().get(event.request.uri.slice(1));"
        "  return { statusCode: 200, body: value };"
        "}",
        store,
    )
    site.publish_distribution(behaviour("*", FunctionAssociations=runs(arn)))
    assert site.ask("/key0").body == b"value0"
    assert site.ask("/key119").body == b"value119"
    site.put(store, {"key119": "other"})
    assert site.ask("/key119").body == b"other"
    missing = site.ask("/nothing")
    assert (missing.status, missing.cache) == (503, "FunctionExecutionError")
    assert b"no such key: nothing" in missing.body


def test_this_projects_own_function_as_it_is_uploaded(site: Site) -> None:
    game = {"v": 1, "limits": {"playMs": [1, 2], "pauseMs": 3, "graceMs": 4}}
    store = site.store({"k_current": "a:" + "s" * 43, "cfgthr#g:snake": json.dumps(game)})
    arn = site.function(assemble("get_start"), store)
    site.publish_distribution(behaviour("/api/get-start", FunctionAssociations=runs(arn)))
    reply = site.ask(f"/api/get-start?game=snake&user={'u' * 22}")
    assert reply.status == 200, reply.body
    assert reply.json["token_start"].count(".") == 1
    assert reply.headers["Set-Cookie"].startswith(f"game_sid={reply.json['sid']};")
    assert reply.json["token_start"] not in repr(site.edge.recent)


def test_only_published_code_runs_and_as_soon_as_it_is(site: Site) -> None:
    arn = site.function(says("first"))
    site.publish_distribution(behaviour("*", FunctionAssociations=runs(arn)))
    assert site.ask("/").body == b"first"
    site.republish(arn, says("second"))
    assert site.ask("/").body == b"second"


def test_a_changed_config_takes_effect(site: Site) -> None:
    one, other = site.function(says("one")), site.function(says("other"))
    site.publish_distribution(behaviour("/a*", FunctionAssociations=runs(one)))
    assert site.ask("/ab").body == b"one"
    site.update(
        behaviour("/ab", FunctionAssociations=runs(other)),
        behaviour("/a*", FunctionAssociations=runs(one)),
    )
    assert site.ask("/ab").body == b"other"
    assert site.ask("/ac").body == b"one"


def test_a_config_of_long_ago_is_read_again_by_itself(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.edge.control._SECONDS_BELIEVED", 0.02)
    site.publish_distribution()
    assert site.ask("/").status == 200
    site.edge.refresh = lambda: None  # type: ignore[method-assign]
    site.update(behaviour("*", FunctionAssociations=runs(site.function(says("new")))))
    while site.ask("/").body != b"new":
        assert len(site.edge.recent) < 200


def test_a_viewer_response_function(site: Site) -> None:
    arn = site.function(
        "function handler(event) {"
        "  event.response.headers['x-seen'] = { value: event.request.uri };"
        "  return event.response;"
        "}"
    )
    site.publish_distribution(behaviour("*", FunctionAssociations=runs(arn, "viewer-response")))
    site.origin.headers = {"Set-Cookie": "a=b; Path=/"}
    reply = site.ask("/x")
    assert (reply.headers["X-Seen"], reply.json["target"]) == ("/x", "/x")
    assert reply.headers["Set-Cookie"] == "a=b; Path=/"
    site.origin.status = 404
    assert "X-Seen" not in site.ask("/x").headers


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("throw Error('on purpose');", 503, "on purpose"),
        ("return undefined;", 502, "neither a request nor a response"),
        ("event.request.headers.host = { value: 'b' }; return event.request;", 502, "host"),
        (
            "event.request.headers['x-edge-a'] = { value: 'b' }; return event.request;",
            502,
            "x-edge-a",
        ),
    ],
)
def test_a_function_that_fails(site: Site, body: str, status: int, words: str) -> None:
    arn = site.function(f"function handler(event) {{ {body} }}")
    site.publish_distribution(behaviour("*", FunctionAssociations=runs(arn)))
    reply = site.ask("/")
    assert (reply.status, words in reply.body.decode()) == (status, True), reply.body
    assert site.edge.recent[-1].decision == "failed"
    assert site.origin.asked == 0


def test_a_function_that_does_not_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.edge.functions._PATIENCE_SECONDS", 0.2)
    arn = site.function("function handler(event) { while (true) {} }")
    site.publish_distribution(behaviour("*", FunctionAssociations=runs(arn)))
    reply = site.ask("/")
    assert (reply.status, reply.cache) == (503, "FunctionExecutionError")


def test_a_function_that_is_not_published(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = site.function(ANSWERS)
    site.publish_distribution()
    site.update(behaviour("*", FunctionAssociations=runs(arn)))
    # Neither AWS nor the local cloud takes an unpublished function, nor lets one in use go.
    gone = ClientError({"Error": {"Code": "NoSuchFunctionExists"}}, "DescribeFunction")
    client = site.edge._plane.control._cloudfront
    monkeypatch.setattr(client, "describe_function", Mock(side_effect=gone))
    reply = site.ask("/")
    assert reply.status == 503
    assert f"function {arn.rpartition('/')[2]} is not published" in reply.body.decode()


def test_no_distribution_at_all(site: Site) -> None:
    site.publish_distribution()
    site.cloud.client("ssm").delete_parameter(Name=names.DISTRIBUTION_ID)
    site.edge.refresh()
    reply = site.ask("/")
    assert reply.status == 503
    assert names.DISTRIBUTION_ID in reply.body.decode()


def test_a_busy_port_is_one_clear_line(site: Site) -> None:
    with pytest.raises(CloudError, match=f"port {site.edge.port} is in use.*EDGE_PORT="):
        LocalEdge(site.cloud, site.edge.port)


@pytest.mark.parametrize("method", ["POST", "DELETE", "BREW"])
def test_a_method_the_behaviour_does_not_allow(site: Site, method: str) -> None:
    site.publish_distribution(behaviour("/api/*"))
    assert site.ask("/api/x", method).status == 403
    assert site.origin.asked == 0


def test_an_origins_custom_header_replaces_a_viewers(site: Site) -> None:
    lock = {"HeaderName": "X-Origin-Verify", "HeaderValue": "right"}
    site.publish_distribution(
        behaviour("/api/*", OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST_HEADER),
        Origins=counted([site.stub(CustomHeaders=counted([lock]), OriginPath="/prod")]),
    )
    asked = site.ask("/api/x", headers={"X-Origin-Verify": "forged"}).json
    assert asked["headers"]["x-origin-verify"] == "right"
    assert asked["target"] == "/prod/api/x"


def test_a_bucket(site: Site) -> None:
    bucket = f"b-{uuid4().hex}"
    s3 = site.cloud.client("s3")
    s3.create_bucket(Bucket=bucket)
    for key, text in (("index.html", b"home"), ("lost.html", b"lost"), ("a b.txt", b"spaced")):
        s3.put_object(Bucket=bucket, Key=key, Body=text, ContentType=f"text/{key[-3:]}")
    origin = {
        "Id": "bucket",
        "DomainName": f"{bucket}.s3.us-east-1.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    default = behaviour("*", TargetOriginId="bucket", CachePolicyId=CACHING_OPTIMIZED)
    pages = [{"ErrorCode": 404, "ResponsePagePath": "/lost.html", "ResponseCode": "410"}]
    site.publish_distribution(
        behaviour("/api/*"),
        Origins=counted([site.stub(), origin]),
        DefaultRootObject="index.html",
        DefaultCacheBehavior=without_pattern(default),
        CustomErrorResponses=counted(pages),
    )
    home = site.ask("/")
    assert (home.status, home.body, home.headers["Content-Type"]) == (200, b"home", "text/tml")
    assert site.ask("/a%20b.txt").body == b"spaced"
    lost = site.ask("/nowhere")
    assert (lost.status, lost.body) == (410, b"lost")
    again = site.ask("/", headers={"If-None-Match": home.headers["ETag"]})
    assert (again.status, again.body, again.cache) == (304, b"", "Hit")
    head = site.ask("/", "HEAD")
    assert (head.body, head.headers["Content-Length"]) == (b"", "4")


def test_a_dead_origin(site: Site) -> None:
    dead = site.stub()
    dead["CustomOriginConfig"]["HTTPPort"] = 1
    site.publish_distribution(Origins=counted([dead]))
    reply = site.ask("/")
    assert reply.status == 502
    assert b"origin stub: " in reply.body


def test_a_body_too_large(site: Site) -> None:
    site.publish_distribution(behaviour("/api/*", AllowedMethods=counted(MANY)))
    assert site.ask("/api/x", "PUT", body=b"x" * 1_000_000).status == 200
    refused = site.ask("/api/x", "PUT", body=b"x" * 1_000_001)
    assert (refused.status, refused.headers["Connection"]) == (413, "close")


def test_one_connection_serves_many_requests(site: Site) -> None:
    site.publish_distribution()
    connection = http.client.HTTPConnection("127.0.0.1", site.edge.port)
    connection.connect()
    opened = connection.sock
    for method in ("HEAD", "GET", "HEAD", "POST", "GET"):
        connection.request(method, "/", body=b"x" if method == "POST" else None)
        answer = connection.getresponse()
        assert answer.status == (403 if method == "POST" else 200)
        assert bool(answer.read()) == (method != "HEAD")
    assert connection.sock is opened
    connection.close()


class Reluctant(socketserver.ThreadingTCPServer):
    """Answers the first request of each connection, and hangs up at the second."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Once)


class _Once(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._read_head()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        self.rfile.readline()

    def _read_head(self) -> None:
        while self.rfile.readline() not in (b"\r\n", b""):
            pass


def test_an_origin_that_is_slow_to_hang_up(site: Site) -> None:
    with serving(Reluctant()) as origin:
        stub = site.stub()
        stub["CustomOriginConfig"]["HTTPPort"] = origin.server_address[1]
        site.publish_distribution(Origins=counted([stub]))
        assert [site.ask("/").status for _ in range(3)] == [200, 200, 200]


def test_an_answer_leaves_in_one_piece(site: Site) -> None:
    """In two, the second would wait some 40 ms for the viewer to acknowledge the first."""
    site.publish_distribution()
    with socket.create_connection(("127.0.0.1", site.edge.port)) as viewer:
        viewer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head, _, body = viewer.recv(65_536).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert body


def spoken(site: Site, *lines: str) -> bytes:
    """Sends the bytes and returns everything until the edge closes the connection."""
    with socket.create_connection(("127.0.0.1", site.edge.port)) as viewer:
        viewer.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        return b"".join(iter(lambda: viewer.recv(65_536), b""))


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("//api/x", "//api/x"),  # which no behaviour of /api/* takes
        ("/api//x", "/api//x"),
        ("http://other.example/api/x?y=1", "/api/x"),
        ("http://other.example", "/"),
    ],
)
def test_a_path_is_taken_as_it_was_sent(site: Site, target: str, path: str) -> None:
    site.publish_distribution(behaviour("/api/*"))
    said = spoken(site, f"GET {target} HTTP/1.1", "Host: localhost")
    assert b" 200 OK" in said
    assert f'"target": "{path}"'.encode() in said
    [handled] = site.edge.recent
    assert handled.path == path
    assert handled.behaviour == ("/api/*" if path.startswith("/api/") else "default (*)")


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "9" * 5_000])
def test_a_length_that_is_none(site: Site, length: str) -> None:
    said = spoken(site, "PUT / HTTP/1.1", "Host: localhost", f"Content-Length: {length}")
    assert said.startswith(b"HTTP/1.1 400 ")
