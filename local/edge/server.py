"""Serves viewers over HTTP."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from local.access.pages import foreign_host
from local.cloud import Cloud, refuse_busy_port
from local.edge.access_log import AccessLog
from local.edge.dataplane import DataPlane
from local.edge.handled import Handled, rejected
from local.edge.messages import EdgeError, Request, Response
from local.edge.recent import Recent

_BODY_LIMIT: Final = 1_000_000
_URL_LIMIT: Final = 8_192
_HEADERS_LIMIT: Final = 20_480
_DRAIN_LIMIT: Final = 32_000_000
_CHUNK: Final = 65_536
_LENGTH_DIGITS: Final = 18
_POLL_SECONDS: Final = 0.05


class Pages(Protocol):
    """Pages that the edge answers itself, ahead of the distribution."""

    def begin(self) -> None: ...

    def answer(self, request: Request) -> Response | None:
        """None leaves the request to the distribution."""

    def forget(self) -> None: ...

    def close(self) -> None: ...


class _NoPages:
    def begin(self) -> None: ...

    def answer(self, request: Request) -> Response | None:  # noqa: ARG002
        return None

    def forget(self) -> None: ...

    def close(self) -> None: ...


class LocalEdge:
    def __init__(
        self,
        cloud: Cloud,
        port: int,
        *,
        clock: Callable[[], float] = time.time,
        pages: Callable[[LocalEdge], Pages] | None = None,
    ) -> None:
        refuse_busy_port(port, "EDGE_PORT")
        self.cloud = cloud
        self.log = Recent()
        self._clock = clock
        self._plane = DataPlane(cloud, clock)
        self.access_log = AccessLog(cloud, clock)
        self._server = _Server(port, self._handle, self._reject)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="edge", daemon=True
        )
        self.port = self._server.server_port
        self.url = f"http://localhost:{self.port}"
        self._pages: Pages = pages(self) if pages else _NoPages()

    def start(self) -> None:
        self._pages.begin()
        self.access_log.start()
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self.access_log.stop()
        self._pages.close()
        self._plane.close()

    @property
    def recent(self) -> list[Handled]:
        """The latest requests, in the order of arrival."""
        return [handled for _, handled in self.log.numbered()]

    @property
    def origin_requests(self) -> int:
        """The number of requests to origins, including refreshes of stale answers."""
        return self._plane.origin_requests

    def refresh(self) -> None:
        """Makes the next request see all changes."""
        self._plane.control.forget()
        self._pages.forget()

    def _handle(self, request: Request) -> Response:
        problem = foreign_host(request.headers)
        if problem is not None:
            raise EdgeError(421, f"{problem}: open the site as {self.url}")
        own = self._pages.answer(request)
        if own is not None:
            return own
        response, handled = self._plane.handle(request)
        self.log.add(handled)
        self.access_log.add(request, response, handled)
        return response

    def _reject(self, error: EdgeError, method: str, path: str) -> Response:
        handled = rejected(error, self._clock(), method, path)
        self.log.add(handled)
        self.access_log.add(Request(method, path), error.response, handled)
        return error.response


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        answer: Callable[[Request], Response],
        reject: Callable[[EdgeError, str, str], Response],
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.reject = reject

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A viewer that disconnected is not an error.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "CloudFront"
    sys_version = ""
    timeout = 60
    # Buffers head and body together; sent apart, the body waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, format: str, *_: Any) -> None:
        """Nothing: LocalEdge.recent has more detail and no secrets."""

    def _serve(self) -> None:
        try:
            response = self.server.answer(self._request())
        except EdgeError as error:
            self.close_connection = True
            response = self.server.reject(error, self.command, self._target.partition("?")[0])
        self._send(response)

    def _request(self) -> Request:
        target = self._target
        if len(target) > _URL_LIMIT:
            raise EdgeError(414, f"the URL is longer than {_URL_LIMIT:,} characters")
        headers = tuple((name.lower(), value) for name, value in self.headers.items())
        if sum(len(name) + len(value) for name, value in headers) > _HEADERS_LIMIT:
            raise EdgeError(494, f"the headers are larger than {_HEADERS_LIMIT:,} bytes")
        uri, _, query = target.partition("?")
        return Request(self.command, uri, query, headers, self._body(), str(self.client_address[0]))

    @property
    def _target(self) -> str:
        """The target as sent: http.server replaces a leading // by /, and CloudFront does not."""
        target = self.requestline.split()[1]
        if target.startswith("/"):
            return target
        return urlsplit(target)._replace(scheme="", netloc="", fragment="").geturl() or "/"

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding"):
            raise EdgeError(411, "a body needs a Content-Length here")
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or len(length) > _LENGTH_DIGITS:
            raise EdgeError(400, "Content-Length is not a number")
        if int(length) > _BODY_LIMIT:
            self._drain(int(length))
            raise EdgeError(413, f"the body is larger than {_BODY_LIMIT:,} bytes")
        return self.rfile.read(int(length))

    def _drain(self, length: int) -> None:
        """Reads the rest of the body, so that the viewer gets to read the answer."""
        left = min(length, _DRAIN_LIMIT)
        while left > 0 and (chunk := self.rfile.read(min(left, _CHUNK))):
            left -= len(chunk)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        length = response.header("content-length")
        for name, value in response.headers:
            if name not in ("content-length", "date", "server"):
                self.send_header(name.title(), value)
        if response.status not in (204, 304):
            whole_length = length if self.command == "HEAD" and not response.body else None
            self.send_header("Content-Length", whole_length or str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and response.status not in (204, 304):
            self.wfile.write(response.body)
