"""Serves the status page, to this machine only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from local.access.pages import foreign_page
from local.edge.handled import Handled
from local.edge.messages import Request, Response
from local.edge.redaction import Redactor
from local.edge.server import LocalEdge
from local.status.observer import Observer, View
from local.status.panels import panels, with_panels

Json = dict[str, Any]

PAGE: Final = "/status.html"
DATA: Final = "/status.json"
_FOLDER: Final = Path(__file__).parent / "page"
_KINDS: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_FILES: Final = {
    PAGE: (_FOLDER / "status.html", "text/html; charset=utf-8"),
    **{
        f"/status/{path.relative_to(_FOLDER)}": (path, _KINDS[path.suffix])
        for path in _FOLDER.rglob("*.*")
        if path.suffix in _KINDS
    },
}
_PATIENCE_SECONDS: Final = 2.0
_PROXY_HEADERS: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_GUARDS: Final = (
    ("cache-control", "no-store"),
    ("content-security-policy", _CSP),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
)


def status_url(edge: LocalEdge) -> str:
    return f"{edge.url}{PAGE}"


class StatusPage:
    def __init__(self, edge: LocalEdge) -> None:
        self._edge = edge
        self._observer = Observer(edge.cloud)

    def begin(self) -> None:
        self._observer.begin()

    def answer(self, request: Request) -> Response | None:
        """None for requests that belong to the site."""
        if request.uri != DATA and request.uri not in _FILES:
            return None
        refused = _why_refused(request)
        if refused is not None:
            return _guarded(refused[0], "text/plain; charset=utf-8", f"{refused[1]}\n".encode())
        if request.uri == DATA:
            return _guarded(200, "application/json", json.dumps(self.report()).encode())
        path, kind = _FILES[request.uri]
        return _guarded(200, kind, path.read_bytes())

    def report(self) -> Json:
        view = self._observer.view(_PATIENCE_SECONDS)
        report = {
            "edge": {
                "url": self._edge.url,
                "verdicts": self._edge.log.verdicts(),
                "originRequests": self._edge.origin_requests,
                "storeReads": self._edge.log.store_reads(),
            },
            "cloud": {"url": self._edge.cloud.url, "at": view.at, "unreachable": view.unreachable},
            "problems": view.problems,
            "panels": with_panels(),
            **dict.fromkeys(_parts()),
            **view.parts,
            "requests": [
                _request(number, handled, view)
                for number, handled in reversed(self._edge.log.numbered())
            ],
        }
        cleaned: Json = Redactor(view.secrets).all(report)
        return cleaned

    def forget(self) -> None:
        self._observer.forget()

    def close(self) -> None:
        self._observer.close()


def _parts() -> list[str]:
    return ["stacks", "spent", *(part for each in panels() for part in each.PARTS)]


def _request(number: int, handled: Handled, view: View) -> Json:
    return {
        "number": number,
        "at": round(handled.time * 1000),
        "id": handled.id,
        "method": handled.method,
        "path": handled.path,
        "behaviour": handled.behaviour,
        "function": handled.function,
        "engine": handled.engine,
        "functionMs": handled.function_ms,
        "reads": handled.reads,
        "logged": handled.logged,
        "verdict": handled.verdict,
        "cache": handled.cache,
        "age": handled.age,
        "origin": handled.origin,
        "originStatus": handled.origin_status,
        "originMs": handled.origin_ms,
        "status": handled.status,
        "code": handled.code,
        "message": handled.message,
        "ms": handled.ms,
        "lines": view.lines.get(handled.id, []),
    }


def _why_refused(request: Request) -> tuple[int, str] | None:
    """Tunnels and other sites' pages; the edge itself refuses foreign hosts."""
    if request.method not in ("GET", "HEAD"):
        return 405, "GET only"
    for name in _PROXY_HEADERS:
        if request.header(name) is not None:
            return 403, f"the status page refuses tunnels and proxies ({name})"
    own = {f"http://{value}" for name, value in request.headers if name == "host"}
    page = foreign_page(request.headers, own.__contains__)
    if page is not None:
        return 403, f"other sites' pages must not read the status ({page})"
    return None


def _guarded(status: int, kind: str, body: bytes) -> Response:
    return Response(status, (("content-type", kind), *_GUARDS), body)
