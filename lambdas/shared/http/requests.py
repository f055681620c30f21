"""A request as API Gateway hands it to a Lambda: HTTP API, payload format 2.0."""

import base64
from collections.abc import Mapping
from typing import Any

from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.uuids import is_uuid

Event = dict[str, Any]


class Request:
    """A request, and the moment it arrived. A dataclass would lengthen every cold start."""

    def __init__(self, event: Event, now_ms: int) -> None:
        self.event = event
        self.now_ms = now_ms
        """When it arrived, by the server's clock. Everything it does happens at this moment."""

    @property
    def now_s(self) -> int:
        return self.now_ms // 1000

    @property
    def headers(self) -> Mapping[str, str]:
        headers: Mapping[str, str] = self.event["headers"]
        return headers

    @property
    def path(self) -> Mapping[str, str]:
        return self.event.get("pathParameters") or {}

    @property
    def query(self) -> Mapping[str, str]:
        return self.event.get("queryStringParameters") or {}

    @property
    def body(self) -> bytes:
        body: str = self.event.get("body") or ""
        encoded = self.event.get("isBase64Encoded")
        return base64.b64decode(body) if encoded else body.encode("utf-8", "surrogatepass")

    @property
    def caller_address(self) -> str:
        """The address that opened the connection to API Gateway, which is CloudFront's."""
        return str(self.event["requestContext"]["http"]["sourceIp"])

    @property
    def claims(self) -> Mapping[str, Any]:
        """The claims of the token that API Gateway's JWT authorizer has verified."""
        claims: Mapping[str, Any] = self.event["requestContext"]["authorizer"]["jwt"]["claims"]
        return claims

    @property
    def project_id(self) -> str:
        """The project that the path names."""
        return project_id_in(self.path["projectId"])


def limit_in(query: Mapping[str, str], *, most: int, usual: int) -> int:
    """How many items the query asks for."""
    text = query.get("limit", str(usual))
    if text not in map(str, range(1, most + 1)):
        raise Malformed("limit", f"not a whole number from 1 to {most}")
    return int(text)


def project_id_in(text: str) -> str:
    if not is_uuid(text):
        raise Malformed("projectId", "not a UUID")
    return text.lower()
