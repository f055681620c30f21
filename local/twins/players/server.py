"""The stand-ins over HTTP, on loopback. One server, which answers by the path."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from config.capabilities.players import LOCAL_ADDRESS, X_SECRET
from local.access.pages import foreign_host, foreign_page, is_loopback_origin
from local.twins.players import model, pages
from local.twins.players.privy import Privy
from local.twins.players.x import SECRET, Refused, X, check_request

_MOST_BODY_BYTES: Final = 100_000
_POLL_SECONDS: Final = 0.05

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    body: Any = None
    status: int = HTTPStatus.OK
    page: bool = False
    to: str = ""


class Twins:
    """Privy, X and the model."""

    hosts = ("privy", "x", "model")

    def __init__(self, key_file: Path) -> None:
        self.privy = Privy(key_file)
        self.x = X()
        self._server: _Server | None = None

    def start(self) -> None:
        self._server = _Server(self)
        threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="twins", daemon=True
        ).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def environment(self) -> Mapping[str, str]:
        """The emulator's own Bedrock ignores tools, so the functions call this one."""
        return {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://model.htmlgame.localhost"}

    def parameters(self) -> Mapping[str, str]:
        return {X_SECRET: SECRET, LOCAL_ADDRESS: self.url}

    def get(self, path: str, query: dict[str, str], headers: Mapping[str, str]) -> Answer:
        if path == "/jwks.json":
            return Answer(self.privy.published)
        if path == "/2/users/me":
            return Answer(self.x.me(headers.get("Authorization", "")))
        if path == "/i/oauth2/authorize":
            check_request(query)
            return Answer(pages.x(query), page=True)
        if path == "/privy/sign-in":
            return Answer(pages.privy(_back(query)), page=True)
        raise Refused(404, "not_found", "no such path")

    def post(self, path: str, form: dict[str, str], headers: Mapping[str, str]) -> Answer:
        if path == "/2/oauth2/token":
            return Answer(self.x.exchanged(form, headers.get("Authorization", "")))
        if path == "/i/oauth2/authorize":
            handle = form.pop("handle", "").strip().lstrip("@")[:15] or "somebody"
            return Answer(status=HTTPStatus.SEE_OTHER, to=self.x.authorized(form, handle))
        if path == "/privy/sign-in":
            email = form.get("email", "").strip().lower() or "somebody@example.org"
            tokens = f"privy={self.privy.token(email)}&identity={self.privy.identity_token(email)}"
            return Answer(status=HTTPStatus.SEE_OTHER, to=f"{_back(form)}#{tokens}")
        raise Refused(404, "not_found", "no such path")


def _back(asked: Mapping[str, str]) -> str:
    address = asked.get("redirect", "")
    if not is_loopback_origin(address):
        raise Refused(400, "invalid_request", "redirect: not a page of this machine")
    return quote(address, safe=":/?=&")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, twins: Twins) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.twins = twins


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, format: str, *_: Any) -> None:
        """Nothing: requests contain codes and tokens."""

    def do_GET(self) -> None:
        self._serve(self._get)

    def do_POST(self) -> None:
        self._serve(self._post)

    def _serve(self, answer: Callable[[], Answer]) -> None:
        try:
            self._refuse_strangers()
            found = answer()
        except Refused as refused:
            body = {"error": refused.error, "error_description": str(refused)}
            found = Answer(body, refused.status)
        except model.Silent:
            found = Answer({"message": "timed out"}, HTTPStatus.REQUEST_TIMEOUT)
        self._send(found)

    def _refuse_strangers(self) -> None:
        """Anybody may open a sign-in page, as on the web; only pages of this machine go on."""
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        problem = foreign_host(headers)
        if problem is None and self.command == "POST":
            problem = foreign_page(headers, is_loopback_origin)
        if problem is not None:
            raise Refused(403, "foreign", problem)

    def _get(self) -> Answer:
        address = urlsplit(self.path)
        return self.server.twins.get(address.path, dict(parse_qsl(address.query)), self._sent)

    def _post(self) -> Answer:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MOST_BODY_BYTES:
            self.close_connection = True
            raise Refused(413, "too_large", f"longer than {_MOST_BODY_BYTES:,} bytes")
        content = self.rfile.read(int(length)).decode("utf-8", "replace")
        path = urlsplit(self.path).path
        if path.startswith("/model/") and path.endswith("/converse"):
            return Answer(model.answer(json.loads(content)))
        form = dict(parse_qsl(content, keep_blank_values=True))
        return self.server.twins.post(path, form, self._sent)

    @property
    def _sent(self) -> Mapping[str, str]:
        return {name.title(): value for name, value in self.headers.items()}

    def _send(self, answer: Answer) -> None:
        content = answer.body if answer.page else json.dumps(answer.body)
        encoded = content.encode()
        self.send_response(answer.status)
        kind = "text/html; charset=utf-8" if answer.page else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(encoded)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "same-origin")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        if answer.to:
            self.send_header("Location", answer.to)
        self.end_headers()
        self.wfile.write(encoded)
