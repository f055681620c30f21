"""Replaces AWS where the emulator never refuses: it returns the answers that a test sets."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

ACCOUNT: Final = "111122223333"
ARN: Final = f"arn:aws:iam::{ACCOUNT}:user/ann"
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def identity() -> Answer:
    return Answer(
        200,
        "<GetCallerIdentityResponse><GetCallerIdentityResult>"
        f"<Arn>{ARN}</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>",
    )


def refusal(code: str, message: str = "no", status: int = 403, **headers: str) -> Answer:
    """An error in STS's format."""
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return Answer(status, f"<ErrorResponse>{error}</ErrorResponse>", headers)


def document(status: int, content: Any, error: str = "") -> Answer:
    """An error in the format of JSON services."""
    if not error:
        return Answer(status, json.dumps(content))
    return Answer(status, json.dumps(content | {"__type": error}), {"X-Amzn-ErrorType": error})


@dataclass
class AwsStub:
    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    """By service and region as the request is signed for them, or by the service alone."""
    asked: list[str] = field(default_factory=list)
    hold: threading.Event | None = None
    """Set by a test that wants no answer at all before that."""
    reached: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, headers: Any) -> Answer:
        scope = _SCOPE.search(headers.get("Authorization", ""))
        # What SSO answers with is what others are signed by.
        region, service = scope.groups() if scope else ("", path.split("/")[1])
        self.asked.append(f"{service}/{region}")
        self.reached.set()
        if self.hold is not None:
            self.hold.wait()
        known = self.answers.get(f"{service}/{region}") or self.answers.get(service)
        return known or refusal("ServiceUnavailable", f"no answer is set for {service}", 503)


@contextmanager
def running_stub() -> Iterator[AwsStub]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer()

        def do_CONNECT(self) -> None:
            self.send_error(407, "Proxy Authentication Required")

        def _answer(self) -> None:
            answer = stub.answer(self.path, self.headers)
            body = answer.body.encode()
            try:
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                # The test ended the program that had asked.
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub = AwsStub(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield stub
    finally:
        if stub.hold is not None:
            stub.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
