"""Sends requests to a distribution's origins: servers, and buckets through the AWS API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

import urllib3
from botocore.exceptions import ClientError

from cf_functions.runtime import words
from local.cloud import Cloud
from local.edge.cache import encodings_of
from local.edge.events import is_forbidden
from local.edge.messages import EdgeError, Headers, Request, Response, cookies_of
from local.edge.policies import CachePolicy, Selections
from local.strict.door import SITE_HEADER

Json = Mapping[str, Any]

_BUCKET: Final = re.compile(r"(?P<bucket>.+)\.s3[.-](?!website)")
_HOP_BY_HOP: Final = words(
    "connection expect keep-alive proxy-authenticate proxy-connection te trailer"
    " transfer-encoding upgrade"
)
_OBJECT_HEADERS: Final = {
    "CacheControl": "cache-control",
    "ContentDisposition": "content-disposition",
    "ContentEncoding": "content-encoding",
    "ContentLanguage": "content-language",
    "ContentType": "content-type",
    "ETag": "etag",
}
_LOOPBACK: Final = "127.0.0.1"
_USER_AGENT: Final = "Amazon CloudFront"
VIA: Final = "1.1 local-edge (CloudFront)"


def forwarded_headers(request: Request, cache: CachePolicy, also: Selections) -> Headers:
    """The viewer's headers that an origin receives, without its custom headers."""
    return tuple(_forwarded(request, cache, also))


def _forwarded(request: Request, cache: CachePolicy, also: Selections) -> Iterator[tuple[str, str]]:
    names: set[str] = set()
    for name, value in request.headers:
        if _may_pass(name) and (
            cache.key.headers.takes(name)
            or also.headers.takes(name)
            or (name == "content-type" and request.body)
        ):
            names.add(name)
            yield name, value
    if "accept-encoding" not in names and (encodings := encodings_of(request, cache)):
        yield "accept-encoding", ",".join(encodings)
    if "user-agent" not in names:
        yield "user-agent", _USER_AGENT
    cookies = [
        f"{name}={value}"
        for name, value in cookies_of(request.headers)
        if cache.key.cookies.takes(name) or also.cookies.takes(name)
    ]
    if cookies:
        yield "cookie", "; ".join(cookies)
    path = [value for name, value in request.headers if name == "x-forwarded-for"]
    yield "x-forwarded-for", ", ".join([*path, request.ip])


def _may_pass(name: str) -> bool:
    apart = ("cookie", "content-length", "x-forwarded-for")
    return name not in apart and name not in _HOP_BY_HOP and not is_forbidden(name)


def forwarded_query(request: Request, cache: CachePolicy, also: Selections) -> str:
    parts = (part for part in request.query.split("&") if part)
    chosen = (cache.key.parameters, also.parameters)
    return "&".join(part for part in parts if any(c.takes(part.partition("=")[0]) for c in chosen))


class Origins:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._s3 = cloud.client("s3")

    def ask(
        self,
        origin: Json,
        request: Request,
        cache: CachePolicy,
        also: Selections,
        request_id: str,
    ) -> Response:
        bucket = _BUCKET.match(origin["DomainName"])
        if bucket:
            return self._object(bucket["bucket"], origin, request)
        return self._server(
            origin,
            request,
            (*forwarded_headers(request, cache, also), ("via", VIA), ("x-amz-cf-id", request_id)),
            forwarded_query(request, cache, also),
        )

    def close(self) -> None:
        self._s3.close()

    def _server(self, origin: Json, request: Request, sent: Headers, query: str) -> Response:
        scheme, host, port = address_of(origin)
        headers = urllib3.HTTPHeaderDict()
        for name, value in with_custom_headers(origin, sent):
            headers.add(name, value)
        headers["connection"] = "close"
        headers.setdefault("accept-encoding", urllib3.util.SKIP_HEADER)
        headers.setdefault("host", _host_header(scheme, host, port))
        if (_reachable(host), port) == (_LOOPBACK, self._cloud.port):
            headers[SITE_HEADER] = self._cloud.door_key
        target = origin.get("OriginPath", "") + request.uri + (f"?{query}" if query else "")
        try:
            # A new connection, because an origin may close an idle one as the request arrives.
            with urllib3.PoolManager(1) as connections:
                answer = connections.connection_from_host(_reachable(host), port, scheme).urlopen(
                    request.method,
                    target,
                    body=request.body or None,
                    headers=headers,
                    redirect=False,
                    retries=False,
                    timeout=_timeout(origin),
                    decode_content=False,
                )
        except urllib3.exceptions.HTTPError as error:
            raise EdgeError(_status_for(error), f"origin {origin['Id']}: {error}") from error
        return Response(answer.status, _kept(answer.headers), answer.data)

    def _object(self, bucket: str, origin: Json, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Response(405, (("content-type", "text/plain"),), b"Method Not Allowed\n")
        key = unquote(origin.get("OriginPath", "") + request.uri).removeprefix("/")
        try:
            found = self._s3.get_object(Bucket=bucket, Key=key) if key else None
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                raise EdgeError(502, f"origin {origin['Id']}: {error}") from error
            found = None
        if found is None:
            return Response(404, (("content-type", "text/plain"),), b"Not Found\n")
        headers = [
            (name, found[field]) for field, name in _OBJECT_HEADERS.items() if found.get(field)
        ]
        return Response(200, tuple(headers), found["Body"].read())


def with_custom_headers(origin: Json, sent: Headers) -> Headers:
    """Custom headers replace the viewer's headers of the same name."""
    custom = {
        item["HeaderName"].lower(): item["HeaderValue"]
        for item in origin.get("CustomHeaders", {}).get("Items", ())
    }
    return tuple(pair for pair in sent if pair[0] not in custom) + tuple(custom.items())


def address_of(origin: Json) -> tuple[str, str, int]:
    config: Json = origin.get("CustomOriginConfig", {})
    # The viewer uses HTTP, so match-viewer means HTTP here.
    if config.get("OriginProtocolPolicy") == "https-only":
        return "https", origin["DomainName"], config.get("HTTPSPort", 443)
    return "http", origin["DomainName"], config.get("HTTPPort", 80)


def _host_header(scheme: str, host: str, port: int) -> str:
    return host if port == {"http": 80, "https": 443}[scheme] else f"{host}:{port}"


def _reachable(host: str) -> str:
    """Every name under localhost is this machine (RFC 6761), but not every resolver knows them."""
    return _LOOPBACK if host == "localhost" or host.endswith(".localhost") else host


def _status_for(error: urllib3.exceptions.HTTPError) -> int:
    # urllib3 counts a refused connection as a timeout.
    refused = isinstance(error, urllib3.exceptions.NewConnectionError)
    return 504 if isinstance(error, urllib3.exceptions.TimeoutError) and not refused else 502


def _timeout(origin: Json) -> urllib3.Timeout:
    config: Json = origin.get("CustomOriginConfig", {})
    return urllib3.Timeout(
        connect=origin.get("ConnectionTimeout", 10), read=config.get("OriginReadTimeout", 30)
    )


def _kept(headers: urllib3.HTTPHeaderDict) -> Headers:
    lowered = ((name.lower(), value) for name, value in headers.iteritems())
    return tuple(pair for pair in lowered if pair[0] not in _HOP_BY_HOP)
