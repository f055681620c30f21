"""The origin lock as functions read it: its hashes, and the lock only where there are none."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdas.shared.http.origin_lock import OriginLock, hashes_of
from lambdas.shared.keys.published import lock_reader


class Ssm:
    """Answers GetParameter. Every request to it is kept."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.parameters: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []
        self.signed: list[str] = []
        self.failures = 0

    def answer(self, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        asked = json.loads(body)
        self.asked.append(asked)
        self.signed.append(headers["Authorization"])
        assert headers["X-Amz-Target"] == "AmazonSSM.GetParameter"
        if self.failures:
            self.failures -= 1
            return 500, {"__type": "InternalServerError"}
        value = self.parameters.get(asked["Name"])
        if value is None:
            return 400, {"__type": "com.amazonaws.ssm#ParameterNotFound"}
        return 200, {"Parameter": {"Name": asked["Name"], "Value": value}}


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ssm]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = asked.answer(self.headers, body)
            answered = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(answered)))
            self.end_headers()
            self.wfile.write(answered)

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        asked = Ssm(server)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", asked.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield asked
        server.shutdown()
        serving.join()


def test_the_hashes_are_read_and_the_lock_is_not(ssm: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_client(*_: Any, **__: Any) -> None:
        raise AssertionError("a client was made")

    monkeypatch.setattr(boto3, "client", no_client)
    ssm.parameters = {"/lock": "new,old", "/lock-sha256": hashes_of("new,old")}
    lock = OriginLock(lock_reader("/lock"))
    for value in ("new", "old"):
        lock.check(value)
    assert ssm.asked == [{"Name": "/lock-sha256"}]
    assert "AKIDEXAMPLE/" in ssm.signed[0]
    assert "/eu-north-1/ssm/aws4_request" in ssm.signed[0]


def test_while_an_older_deploy_publishes_no_hashes_the_lock_is_read(ssm: Ssm) -> None:
    ssm.parameters = {"/lock": "new,old"}
    OriginLock(lock_reader("/lock")).check("old")
    assert [asked["Name"] for asked in ssm.asked] == ["/lock-sha256", "/lock"]


def test_a_function_that_began_with_the_lock_goes_on_with_hashes(ssm: Ssm) -> None:
    ssm.parameters = {"/lock": "first"}
    lock = OriginLock(lock_reader("/lock"))
    lock.check("first")
    ssm.parameters = {"/lock": "unread", "/lock-sha256": hashes_of("second,first")}
    lock.check("second")
    assert ssm.asked[-1] == {"Name": "/lock-sha256"}


def test_a_failure_is_tried_again_with_a_client(ssm: Ssm) -> None:
    ssm.parameters = {"/lock-sha256": hashes_of("new")}
    ssm.failures = 1
    OriginLock(lock_reader("/lock")).check("new")


def test_an_outage_never_reads_the_lock_instead(ssm: Ssm) -> None:
    ssm.parameters = {"/lock": "new", "/lock-sha256": hashes_of("new")}
    ssm.failures = 10
    with pytest.raises(ClientError):
        OriginLock(lock_reader("/lock")).check("new")
    assert {asked["Name"] for asked in ssm.asked} == {"/lock-sha256"}
