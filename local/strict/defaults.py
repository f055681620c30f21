"""Completes a distribution's config as CloudFront does, so that reads return every field.

The emulator keeps what a client sent. An update that started from such a config would lack fields
of others that CloudFront always returns and requires.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Final

from lambdas.edge.cloudfront_fields import REQUIRED, STANDARD_ONLY, is_multi_tenant
from local.strict.registry import NAMESPACE

_NONE: Final = "<Quantity>0</Quantity>"
_OFF: Final = "<Enabled>false</Enabled>"
_READS: Final = "<Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items>"
_BEHAVIOUR: Final = {
    "TrustedSigners": _OFF + _NONE,
    "TrustedKeyGroups": _OFF + _NONE,
    "AllowedMethods": f"{_READS}<CachedMethods>{_READS}</CachedMethods>",
    "SmoothStreaming": "false",
    "Compress": "false",
    "LambdaFunctionAssociations": _NONE,
    "FunctionAssociations": _NONE,
    "FieldLevelEncryptionId": "",
    "GrpcConfig": _OFF,
}
_OF_FORWARDED_VALUES: Final = {"MinTTL": "0", "DefaultTTL": "86400", "MaxTTL": "31536000"}

DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "DistributionConfig": {
        "Aliases": _NONE,
        "DefaultRootObject": "",
        "OriginGroups": _NONE,
        "CacheBehaviors": _NONE,
        "CustomErrorResponses": _NONE,
        "Comment": "",
        "Logging": f"{_OFF}<IncludeCookies>false</IncludeCookies>"
        "<Bucket></Bucket><Prefix></Prefix>",
        "PriceClass": "PriceClass_All",
        "ViewerCertificate": "<CloudFrontDefaultCertificate>true</CloudFrontDefaultCertificate>"
        "<SSLSupportMethod>vip</SSLSupportMethod>"
        "<MinimumProtocolVersion>TLSv1</MinimumProtocolVersion>"
        "<CertificateSource>cloudfront</CertificateSource>",
        "Restrictions": "<GeoRestriction><RestrictionType>none</RestrictionType>"
        f"{_NONE}</GeoRestriction>",
        "WebACLId": "",
        "HttpVersion": "http2",
        "ContinuousDeploymentPolicyId": "",
        "Staging": "false",
    },
    "Origin": {
        "OriginPath": "",
        "CustomHeaders": _NONE,
        "ConnectionAttempts": "3",
        "ConnectionTimeout": "10",
        "OriginShield": _OFF,
        "OriginAccessControlId": "",
    },
    "S3OriginConfig": {"OriginAccessIdentity": ""},
    "CustomOriginConfig": {
        "HTTPPort": "80",
        "HTTPSPort": "443",
        "OriginSslProtocols": "<Quantity>3</Quantity><Items><SslProtocol>TLSv1</SslProtocol>"
        "<SslProtocol>TLSv1.1</SslProtocol><SslProtocol>TLSv1.2</SslProtocol></Items>",
        "OriginReadTimeout": "30",
        "OriginKeepaliveTimeout": "5",
    },
    "DefaultCacheBehavior": _BEHAVIOUR,
    "CacheBehavior": _BEHAVIOUR,
    "AllowedMethods": {"CachedMethods": _READS},
    "ForwardedValues": {"Headers": _NONE, "QueryStringCacheKeys": _NONE},
}


def completed(xml: str) -> str:
    """The config with AWS's defaults for omitted fields, in the order of the API model."""
    root = ET.fromstring(xml)
    for element in root.iter():
        element.tag = f"{{{NAMESPACE}}}{_local(element)}"
    _complete(root, frozenset(STANDARD_ONLY) if is_multi_tenant(root) else frozenset())
    for element in root.iter():
        element.tag = _local(element)
    return ET.tostring(root, encoding="unicode")


def _complete(element: ET.Element, forbidden: frozenset[str]) -> None:
    name = _local(element)
    defaults = dict(DEFAULTS.get(name, {}))
    there = {_local(child) for child in element}
    if "ForwardedValues" in there:
        defaults |= _OF_FORWARDED_VALUES
    for field, content in defaults.items():
        if field not in there and field not in forbidden:
            _insert(element, name, _element(field, content))
    for child in element:
        _complete(child, forbidden)


def _insert(parent: ET.Element, name: str, child: ET.Element) -> None:
    order = [field.name for field in REQUIRED[name]]
    after = set(order[order.index(_local(child)) + 1 :]) if _local(child) in order else set()
    places = (place for place, each in enumerate(parent) if _local(each) in after)
    parent.insert(next(places, len(parent)), child)


def _element(name: str, content: str) -> ET.Element:
    return ET.fromstring(f'<{name} xmlns="{NAMESPACE}">{content}</{name}>')


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
