"""Which fields CloudFront requires when a distribution is created and when it is updated.

Sources:
- "Required API fields for creating and updating distributions", Amazon CloudFront Developer Guide,
  docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-overview-required-fields.html
  (DistributionConfig and CacheBehavior; its 2019 edition for behaviours with ForwardedValues).
- The API model 2020-05-31: order of the fields, required members of every other element, and the
  conditions that its descriptions state.
- Refusals of UpdateDistribution that neither of them states: OriginPath, CustomHeaders and the
  timeouts of a custom origin (aws-controllers-k8s/community#2335, boto/boto3#1083,
  ubergeek42/lambda-letsencrypt#24, which also names QueryStringCacheKeys).

Only the standard library is imported, because programs outside the Lambda read this table too.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

NAMESPACE: Final = "http://cloudfront.amazonaws.com/doc/2020-05-31/"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    on_create: bool = False
    on_update: bool = False
    may_be_empty: bool = False
    """Whether a required field may be an empty string, or a list with a quantity of 0."""


def _both(name: str, *, may_be_empty: bool = False) -> Field:
    return Field(name, on_create=True, on_update=True, may_be_empty=may_be_empty)


def _update(name: str, *, may_be_empty: bool = False) -> Field:
    return Field(name, on_update=True, may_be_empty=may_be_empty)


def _optional(name: str) -> Field:
    return Field(name, may_be_empty=True)


_LIST: Final = (_both("Quantity"), _optional("Items"))
_LIST_WITH_ITEMS: Final = (_both("Quantity"), _both("Items"))
_SIGNERS: Final = (_both("Enabled"), *_LIST)
_BEHAVIOUR: Final = (
    _both("TargetOriginId"),
    _optional("TrustedSigners"),
    _optional("TrustedKeyGroups"),
    _both("ViewerProtocolPolicy"),
    _update("AllowedMethods"),
    _update("SmoothStreaming"),
    _update("Compress"),
    _update("LambdaFunctionAssociations", may_be_empty=True),
    _optional("FunctionAssociations"),
    _update("FieldLevelEncryptionId", may_be_empty=True),
    _optional("RealtimeLogConfigArn"),
    _optional("CachePolicyId"),
    _optional("OriginRequestPolicyId"),
    _optional("ResponseHeadersPolicyId"),
    _optional("GrpcConfig"),
    _optional("ForwardedValues"),
    _optional("MinTTL"),
    _optional("DefaultTTL"),
    _optional("MaxTTL"),
)

REQUIRED: Final[Mapping[str, tuple[Field, ...]]] = {
    "DistributionConfig": (
        _both("CallerReference"),
        _update("Aliases", may_be_empty=True),
        _update("DefaultRootObject", may_be_empty=True),
        _both("Origins"),
        _optional("OriginGroups"),
        _both("DefaultCacheBehavior"),
        _update("CacheBehaviors", may_be_empty=True),
        _update("CustomErrorResponses", may_be_empty=True),
        _both("Comment", may_be_empty=True),
        _update("Logging"),
        _update("PriceClass"),
        _both("Enabled"),
        _update("ViewerCertificate"),
        _update("Restrictions"),
        _update("WebACLId", may_be_empty=True),
        _update("HttpVersion"),
        _optional("IsIPV6Enabled"),
        _optional("ContinuousDeploymentPolicyId"),
        _optional("Staging"),
        _optional("AnycastIpListId"),
        _optional("TenantConfig"),
        _optional("ConnectionMode"),
        _optional("ViewerMtlsConfig"),
        _optional("ConnectionFunctionAssociation"),
        _optional("CacheTagConfig"),
    ),
    "Aliases": _LIST,
    "Origins": _LIST_WITH_ITEMS,
    "Origin": (
        _both("Id"),
        _both("DomainName"),
        _update("OriginPath", may_be_empty=True),
        _update("CustomHeaders", may_be_empty=True),
        _optional("S3OriginConfig"),
        _optional("CustomOriginConfig"),
        _optional("VpcOriginConfig"),
        _optional("ConnectionAttempts"),
        _optional("ConnectionTimeout"),
        _optional("ResponseCompletionTimeout"),
        _optional("OriginShield"),
        _optional("OriginAccessControlId"),
    ),
    "CustomHeaders": _LIST,
    "OriginCustomHeader": (_both("HeaderName"), _both("HeaderValue")),
    "S3OriginConfig": (
        _both("OriginAccessIdentity", may_be_empty=True),
        _optional("OriginReadTimeout"),
    ),
    "CustomOriginConfig": (
        _both("HTTPPort"),
        _both("HTTPSPort"),
        _both("OriginProtocolPolicy"),
        _update("OriginSslProtocols"),
        _update("OriginReadTimeout"),
        _update("OriginKeepaliveTimeout"),
        _optional("IpAddressType"),
        _optional("OriginMtlsConfig"),
    ),
    "OriginSslProtocols": _LIST_WITH_ITEMS,
    "OriginMtlsConfig": (_both("ClientCertificateArn"),),
    "VpcOriginConfig": (
        _both("VpcOriginId"),
        _optional("OwnerAccountId"),
        _optional("OriginReadTimeout"),
        _optional("OriginKeepaliveTimeout"),
    ),
    "OriginShield": (_both("Enabled"), _optional("OriginShieldRegion")),
    "OriginGroups": _LIST,
    "OriginGroup": (
        _both("Id"),
        _both("FailoverCriteria"),
        _both("Members"),
        _optional("SelectionCriteria"),
    ),
    "FailoverCriteria": (_both("StatusCodes"),),
    "StatusCodes": _LIST_WITH_ITEMS,
    "Members": _LIST_WITH_ITEMS,
    "OriginGroupMember": (_both("OriginId"),),
    "DefaultCacheBehavior": _BEHAVIOUR,
    "CacheBehaviors": _LIST,
    "CacheBehavior": (_both("PathPattern"), *_BEHAVIOUR),
    "TrustedSigners": _SIGNERS,
    "TrustedKeyGroups": _SIGNERS,
    "AllowedMethods": (*_LIST_WITH_ITEMS, _update("CachedMethods")),
    "CachedMethods": _LIST_WITH_ITEMS,
    "LambdaFunctionAssociations": _LIST,
    "LambdaFunctionAssociation": (
        _both("LambdaFunctionARN"),
        _both("EventType"),
        _optional("IncludeBody"),
    ),
    "FunctionAssociations": _LIST,
    "FunctionAssociation": (_both("FunctionARN"), _both("EventType")),
    "GrpcConfig": (_both("Enabled"),),
    "ForwardedValues": (
        _both("QueryString"),
        _both("Cookies"),
        _optional("Headers"),
        _update("QueryStringCacheKeys", may_be_empty=True),
    ),
    "Cookies": (_both("Forward"), _optional("WhitelistedNames")),
    "WhitelistedNames": _LIST,
    "Headers": _LIST,
    "QueryStringCacheKeys": _LIST,
    "CustomErrorResponses": _LIST,
    "CustomErrorResponse": (
        _both("ErrorCode"),
        _optional("ResponsePagePath"),
        _optional("ResponseCode"),
        _optional("ErrorCachingMinTTL"),
    ),
    "Logging": (
        _optional("Enabled"),
        _optional("IncludeCookies"),
        _optional("Bucket"),
        _optional("Prefix"),
    ),
    "ViewerCertificate": (
        _optional("CloudFrontDefaultCertificate"),
        _optional("IAMCertificateId"),
        _optional("ACMCertificateArn"),
        _optional("SSLSupportMethod"),
        _optional("MinimumProtocolVersion"),
        _optional("Certificate"),
        _optional("CertificateSource"),
    ),
    "Restrictions": (_both("GeoRestriction"),),
    "GeoRestriction": (_both("RestrictionType"), *_LIST),
    "TenantConfig": (_optional("ParameterDefinitions"),),
    "ViewerMtlsConfig": (_optional("Mode"), _optional("TrustStoreConfig")),
    "TrustStoreConfig": (
        _both("TrustStoreId"),
        _optional("AdvertiseTrustStoreCaNames"),
        _optional("IgnoreCertificateExpiry"),
    ),
    "ConnectionFunctionAssociation": (_both("Id"),),
    "CacheTagConfig": (_both("HeaderName"),),
}

STANDARD_ONLY: Final = frozenset({"Aliases", "PriceClass", "SmoothStreaming"})
"""Required fields that a multi-tenant distribution (ConnectionMode tenant-only) must not carry."""

_KEYS: Final = ("PathPattern", "Id", "ErrorCode")
"""Fields that identify an item of a list."""


def missing_on_update(config: ET.Element) -> list[str]:
    """Paths of the fields without which UpdateDistribution refuses this DistributionConfig."""
    return _Check(config, update=True).missing()


def missing_on_create(config: ET.Element) -> list[str]:
    """Paths of the fields without which CreateDistribution refuses this DistributionConfig."""
    return _Check(config, update=False).missing()


def is_multi_tenant(config: ET.Element) -> bool:
    return _text(config, "ConnectionMode") == "tenant-only"


class _Check:
    def __init__(self, config: ET.Element, *, update: bool) -> None:
        self._config = config
        self._update = update
        self._forbidden = STANDARD_ONLY if is_multi_tenant(config) else frozenset()

    def missing(self) -> list[str]:
        return list(dict.fromkeys(self._in(self._config, "DistributionConfig", "")))

    def _in(self, element: ET.Element, name: str, path: str) -> Iterator[str]:
        for wanted in self._required(element, name):
            if not _given(_child(element, wanted.name), wanted):
                yield path + wanted.name
        for child in element:
            child_name = _local(child)
            if child_name == "Items":
                yield from self._in_items(child, f"{path}Items/")
            elif child_name in REQUIRED:
                yield from self._in(child, child_name, f"{path}{child_name}/")

    def _in_items(self, items: ET.Element, path: str) -> Iterator[str]:
        for number, item in enumerate(items, 1):
            name = _local(item)
            if name in REQUIRED:
                key = next(filter(None, (_text(item, key) for key in _KEYS)), number)
                yield from self._in(item, name, f"{path}{name}[{key}]/")

    def _required(self, element: ET.Element, name: str) -> Iterator[Field]:
        for each in (*REQUIRED[name], *_required_by_content(element, name)):
            asked = each.on_update if self._update else each.on_create
            if asked and each.name not in self._forbidden:
                yield each


def _required_by_content(element: ET.Element, name: str) -> Iterator[Field]:
    if name in _CONDITIONS:
        yield from _CONDITIONS[name](element)
    if _text(element, "Quantity") not in ("", "0"):
        yield _both("Items")


def _origin(origin: ET.Element) -> Iterator[Field]:
    kinds = ("S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig")
    if all(_child(origin, kind) is None for kind in kinds):
        yield _both(" or ".join(kinds))


def _behaviour(behaviour: ET.Element) -> Iterator[Field]:
    if _text(behaviour, "CachePolicyId"):
        return
    if _child(behaviour, "ForwardedValues") is None:
        yield _both("CachePolicyId")
        return
    yield _both("MinTTL")
    yield _update("DefaultTTL")
    yield _update("MaxTTL")


def _certificate(certificate: ET.Element) -> Iterator[Field]:
    if _text(certificate, "IAMCertificateId") or _text(certificate, "ACMCertificateArn"):
        yield _both("SSLSupportMethod")
        yield _both("MinimumProtocolVersion")


def _logging(logging: ET.Element) -> Iterator[Field]:
    if _text(logging, "Enabled") == "true":
        yield _both("Bucket")
        yield _both("Prefix", may_be_empty=True)


def _error_page(response: ET.Element) -> Iterator[Field]:
    if _text(response, "ResponsePagePath"):
        yield _both("ResponseCode")
    if _text(response, "ResponseCode"):
        yield _both("ResponsePagePath")


def _shield(shield: ET.Element) -> Iterator[Field]:
    if _text(shield, "Enabled") == "true":
        yield _both("OriginShieldRegion")


def _cookies(cookies: ET.Element) -> Iterator[Field]:
    if _text(cookies, "Forward") == "whitelist":
        yield _both("WhitelistedNames")


_CONDITIONS: Final[Mapping[str, Callable[[ET.Element], Iterator[Field]]]] = {
    "Origin": _origin,
    "DefaultCacheBehavior": _behaviour,
    "CacheBehavior": _behaviour,
    "ViewerCertificate": _certificate,
    "Logging": _logging,
    "CustomErrorResponse": _error_page,
    "OriginShield": _shield,
    "Cookies": _cookies,
}


def _given(child: ET.Element | None, wanted: Field) -> bool:
    if child is None:
        return False
    # What an element with fields of its own lacks is reported field by field.
    return wanted.may_be_empty or wanted.name in REQUIRED or len(child) > 0 or bool(_content(child))


def _child(element: ET.Element, name: str) -> ET.Element | None:
    return element.find(f"{{{NAMESPACE}}}{name}")


def _text(element: ET.Element, name: str) -> str:
    child = _child(element, name)
    return "" if child is None else _content(child)


def _content(element: ET.Element) -> str:
    return (element.text or "").strip()


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
