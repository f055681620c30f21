"""A request and a response as they travel through the edge."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """Header names are in lower case; cookies are among the headers."""

    method: str
    uri: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    ip: str = "127.0.0.1"

    def header(self, name: str) -> str | None:
        return first(self.headers, name)

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        return parameters_of(self.query)

    @property
    def cookies(self) -> tuple[tuple[str, str], ...]:
        return cookies_of(self.headers)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return first(self.headers, name)

    def with_headers(self, added: Iterable[tuple[str, str]]) -> Response:
        """Replaces headers of the same names."""
        pairs = tuple(added)
        return replace(self, headers=without(self.headers, {name for name, _ in pairs}) + pairs)


class EdgeError(Exception):
    """An answer by the edge itself, with its reason."""

    def __init__(self, status: int, message: str, result: str = "Error") -> None:
        super().__init__(message)
        self.status = status
        self.result = result

    @property
    def response(self) -> Response:
        body = f"local edge: {self}\n".encode()
        return Response(
            self.status,
            (
                ("content-type", "text/plain; charset=utf-8"),
                ("x-cache", f"{self.result} from cloudfront"),
            ),
            body,
        )


def first(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key == name), None)


def without(headers: Headers, names: Collection[str]) -> Headers:
    return tuple((name, value) for name, value in headers if name not in names)


def parameters_of(query: str) -> tuple[tuple[str, str], ...]:
    """Names and values as they were sent: CloudFront decodes neither."""
    return tuple(_pair(part) for part in query.split("&") if part)


def cookies_of(headers: Headers) -> tuple[tuple[str, str], ...]:
    lines = (value for name, value in headers if name == "cookie")
    parts = (part.strip() for line in lines for part in line.split(";"))
    return tuple(_pair(part) for part in parts if part)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value
