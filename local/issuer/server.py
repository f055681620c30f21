"""The local issuer over HTTP, on loopback, for pages of this machine."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from config.settings import LOCAL_ISSUER
from local.access.pages import foreign_host, foreign_page, is_loopback_origin

HOST: Final = str(urlsplit(LOCAL_ISSUER).hostname)
PATH: Final = urlsplit(LOCAL_ISSUER).path
_MOST_BODY_BYTES: Final = 10_000

Json = dict[str, Any]
Published = Callable[[str], Json | None]
Granted = Callable[[str, Mapping[str, Any]], Json]


class Refused(Exception):
    """A refusal in Supabase's form: a status, a code and a sentence."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, published: Published, granted: Granted) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.published = published
        self.granted = granted


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, format: str, *_: Any) -> None:
        """Nothing: requests contain addresses and tokens."""

    def do_OPTIONS(self) -> None:
        self._serve(lambda: (HTTPStatus.NO_CONTENT, None))

    def do_GET(self) -> None:
        self._serve(self._published)

    def do_POST(self) -> None:
        self._serve(self._granted)

    def _serve(self, answer: Callable[[], tuple[HTTPStatus, Json | None]]) -> None:
        try:
            self._refuse_strangers()
            status, body = answer()
        except Refused as refused:
            status = refused.status
            body = {"code": status, "error_code": refused.code, "msg": str(refused)}
        self._answer(status, body)

    def _refuse_strangers(self) -> None:
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        problem = foreign_host(headers)
        if problem is not None:
            message = f"{problem}: call {LOCAL_ISSUER}"
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "not_here", message)
        page = foreign_page(headers, is_loopback_origin)
        if page is not None:
            message = f"pages of other sites must not sign in here ({page})"
            raise Refused(HTTPStatus.FORBIDDEN, "foreign_page", message)

    def _published(self) -> tuple[HTTPStatus, Json]:
        found = self.server.published(urlsplit(self.path).path)
        if found is None:
            raise Refused(HTTPStatus.NOT_FOUND, "not_found", "no such path")
        return HTTPStatus.OK, found

    def _granted(self) -> tuple[HTTPStatus, Json | None]:
        asked = self._body()
        address = urlsplit(self.path)
        if address.path == f"{PATH}/logout":
            return HTTPStatus.NO_CONTENT, None
        if address.path != f"{PATH}/token":
            raise Refused(HTTPStatus.NOT_FOUND, "not_found", "no such path")
        grant = parse_qs(address.query).get("grant_type", [""])[0]
        return HTTPStatus.OK, self.server.granted(grant, asked)

    def _body(self) -> Json:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MOST_BODY_BYTES:
            self.close_connection = True
            raise Refused(
                HTTPStatus.BAD_REQUEST,
                "bad_json",
                f"the body: longer than {_MOST_BODY_BYTES:,} bytes",
            )
        content = self.rfile.read(int(length))
        try:
            body = json.loads(content) if content else {}
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "bad_json", "the body: not a JSON object")
        return body

    def _answer(self, status: HTTPStatus, body: Json | None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        origin = self.headers.get("Origin", "")
        if is_loopback_origin(origin):
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Headers", "content-type, authorization, apikey")
        self.send_header("Vary", "Origin")
        self.send_header("Cache-Control", "no-store")
        if body is not None:
            self.send_header("Content-Type", "application/json")
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
