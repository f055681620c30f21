"""Our origins and cache behaviours as elements of CloudFront's API, complete for an update."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lambdas.edge.cloudfront_fields import NAMESPACE

LOCK_HEADER: Final = "X-Origin-Verify"
TUNABLE: Final = frozenset(
    {
        "ConnectionAttempts",
        "ConnectionTimeout",
        "OriginShield",
        "OriginAccessControlId",
        "OriginReadTimeout",
        "OriginKeepaliveTimeout",
    }
)
"""Fields that the distribution's owner may change. We add them with AWS's defaults, once."""

_READS: Final = ("HEAD", "GET")
_ALL_METHODS: Final = ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    id: str
    domain: str
    path: str
    lock: str = field(repr=False)
    http_port: int = 80
    https_port: int = 443
    protocol: str = "https-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    pattern: str
    origin_id: str
    writes: bool = False
    """Whether it takes methods that write, or only GET and HEAD."""
    cache_policy: str
    origin_request_policy: str | None = None
    function: str | None = None


def tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def origin_element(origin: Origin) -> ET.Element:
    header = _element(
        "OriginCustomHeader",
        _element("HeaderName", LOCK_HEADER),
        _element("HeaderValue", origin.lock),
    )
    return _element(
        "Origin",
        _element("Id", origin.id),
        _element("DomainName", origin.domain),
        _element("OriginPath", origin.path),
        _list("CustomHeaders", header),
        _element(
            "CustomOriginConfig",
            _element("HTTPPort", str(origin.http_port)),
            _element("HTTPSPort", str(origin.https_port)),
            _element("OriginProtocolPolicy", origin.protocol),
            _list("OriginSslProtocols", _element("SslProtocol", "TLSv1.2")),
            _element("OriginReadTimeout", "30"),
            _element("OriginKeepaliveTimeout", "5"),
        ),
        _element("ConnectionAttempts", "3"),
        _element("ConnectionTimeout", "10"),
        _element("OriginShield", _element("Enabled", "false")),
        _element("OriginAccessControlId"),
    )


def behaviour_element(behaviour: Behaviour) -> ET.Element:
    methods = _ALL_METHODS if behaviour.writes else _READS
    allowed = _list("AllowedMethods", *(_element("Method", method) for method in methods))
    allowed.append(_list("CachedMethods", *(_element("Method", method) for method in _READS)))
    element = _element(
        "CacheBehavior",
        _element("PathPattern", behaviour.pattern),
        _element("TargetOriginId", behaviour.origin_id),
        _element("ViewerProtocolPolicy", "https-only"),
        allowed,
        _element("SmoothStreaming", "false"),
        _element("Compress", "true"),
        _list("LambdaFunctionAssociations"),
        _list("FunctionAssociations", *_association(behaviour)),
        _element("FieldLevelEncryptionId"),
        _element("CachePolicyId", behaviour.cache_policy),
    )
    if behaviour.origin_request_policy:
        element.append(_element("OriginRequestPolicyId", behaviour.origin_request_policy))
    return element


def _association(behaviour: Behaviour) -> Iterator[ET.Element]:
    if behaviour.function:
        yield _element(
            "FunctionAssociation",
            _element("FunctionARN", behaviour.function),
            _element("EventType", "viewer-request"),
        )


def _element(name: str, *content: ET.Element | str) -> ET.Element:
    element = ET.Element(tag(name))
    for part in content:
        if isinstance(part, str):
            element.text = part
        else:
            element.append(part)
    return element


def _list(name: str, *items: ET.Element) -> ET.Element:
    element = _element(name, _element("Quantity", str(len(items))))
    if items:
        element.append(_element("Items", *items))
    return element
