"""A proxy in front of the emulator that adds the faults of AWS."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3

from tests.system import System

_HANGS_SECONDS = 30
_HOP_BY_HOP = {"connection", "content-length", "transfer-encoding", "keep-alive"}


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    content_type: str = "application/x-amz-json-1.0"


@dataclass
class Fault:
    """Befalls the next requests that it is about."""

    about: str
    """A pattern of `METHOD path operation body`."""
    answer: Answer | None = None
    """Instead of what the emulator would say; None lets it answer."""
    before: Callable[[], object] = lambda: None
    loses_answer: bool = False
    """The request takes effect and its answer is lost."""
    loses_request: bool = False
    """Neither is it done."""
    times: int = 1_000_000


@dataclass
class Proxy:
    upstream: str
    faults: list[Fault] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    """The forwarded requests, as METHOD path operation."""
    url: str = ""
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def fault(self, what: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and re.search(fault.about, what):
                fault.times -= 1
                return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    pool: urllib3.PoolManager
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        what = f"{self.command} {self.path} {operation}"
        fault = self.proxy.fault(f"{what} {body.decode(errors='replace')}")
        if fault is None:
            self._forward(what, body)
            return
        fault.before()
        if fault.answer is not None:
            self._say(
                fault.answer.status,
                {"Content-Type": fault.answer.content_type},
                fault.answer.body.encode(),
            )
        elif fault.loses_answer or fault.loses_request:
            if fault.loses_answer:
                self._ask(what, body)
            self.proxy.over.wait(_HANGS_SECONDS)
            self.close_connection = True
        else:
            self._forward(what, body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def _ask(self, what: str, body: bytes) -> urllib3.BaseHTTPResponse:
        self.proxy.passed.append(what)
        # The host that was signed is the one that is sent.
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP
        }
        return self.pool.request(
            self.command, f"{self.proxy.upstream}{self.path}", headers=headers, body=body
        )

    def _forward(self, what: str, body: bytes) -> None:
        answer = self._ask(what, body)
        self._say(answer.status, answer.headers, answer.data)

    def _say(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked may be dead by now: that is what some of this is for."""


@contextmanager
def proxy_to(upstream: str) -> Iterator[Proxy]:
    proxy = Proxy(upstream)
    pool = urllib3.PoolManager(retries=False, maxsize=32)
    handler = type("Handler", (_Handler,), {"proxy": proxy, "pool": pool})
    server = _Server(("127.0.0.1", 0), handler)
    proxy.port = server.server_port
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
        pool.clear()


@contextmanager
def calls_through(
    system: System, function: str, service: str, **configuration: Any
) -> Iterator[Proxy]:
    """A deployed function speaks with one service through the proxy, as with the real one."""
    client = system.cloud.client("lambda")
    before = client.get_function_configuration(FunctionName=function)
    variables = before["Environment"]["Variables"]
    with proxy_to(system.cloud.url) as proxy:
        # The store's client puts the account before the host: that needs a name.
        address = f"http://localhost:{proxy.port}" if "keyvaluestore" in service else proxy.url
        name = "AWS_ENDPOINT_URL_" + service.upper().replace("-", "_")
        client.update_function_configuration(
            FunctionName=function,
            Environment={"Variables": variables | {name: address}},
            **configuration,
        )
        try:
            yield proxy
        finally:
            client.update_function_configuration(
                FunctionName=function,
                Environment={"Variables": variables},
                **{key: before[key] for key in configuration},
            )


def throttled(code: str = "ThrottlingException") -> Answer:
    """An error in DynamoDB's format."""
    return Answer(
        400,
        f'{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"Rate exceeded"}}',
    )


def xml_error(status: int, code: str) -> Answer:
    """An error in CloudFront's format."""
    return Answer(
        status,
        '<?xml version="1.0"?><ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">'
        f"<Error><Type>Sender</Type><Code>{code}</Code><Message>a bad day</Message></Error>"
        "<RequestId>1</RequestId></ErrorResponse>",
        "text/xml",
    )
