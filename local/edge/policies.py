"""A behaviour's cache key and times, and what its origin receives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from local.edge.patterns import matches

Json = Mapping[str, Any]

_DAY: Final = 86_400
_YEAR: Final = 31_536_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which headers, cookies or parameters."""

    names: frozenset[str] = frozenset()
    mode: Literal["only", "except"] = "only"

    def takes(self, name: str) -> bool:
        listed = name in self.names or any(matches(pattern, name) for pattern in self.names)
        return listed == (self.mode == "only")

    def pick(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple(pair for pair in pairs if self.takes(pair[0]))


NOTHING: Final = Selection()
EVERYTHING: Final = Selection(mode="except")


@dataclass(frozen=True, slots=True)
class Selections:
    headers: Selection = NOTHING
    cookies: Selection = NOTHING
    parameters: Selection = NOTHING


@dataclass(frozen=True, slots=True)
class CachePolicy:
    key: Selections = Selections()
    encodings: tuple[str, ...] = ()
    min_ttl: int = 0
    default_ttl: int = 0
    max_ttl: int = 0

    @property
    def caches(self) -> bool:
        return self.max_ttl > 0


CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER: Final = "216adef6-5c7f-47e4-b989-5492eafa07d3"
ALL_VIEWER_EXCEPT_HOST_HEADER: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
MANAGED_NAMES: Final = {
    CACHING_DISABLED: "CachingDisabled",
    CACHING_OPTIMIZED: "CachingOptimized",
    ALL_VIEWER: "AllViewer",
    ALL_VIEWER_EXCEPT_HOST_HEADER: "AllViewerExceptHostHeader",
}

MANAGED_CACHE_POLICIES: Final = {
    CACHING_DISABLED: CachePolicy(),
    CACHING_OPTIMIZED: CachePolicy(
        encodings=("br", "gzip"), min_ttl=1, default_ttl=_DAY, max_ttl=_YEAR
    ),
}
MANAGED_ORIGIN_REQUEST_POLICIES: Final = {
    ALL_VIEWER: Selections(EVERYTHING, EVERYTHING, EVERYTHING),
    ALL_VIEWER_EXCEPT_HOST_HEADER: Selections(
        Selection(frozenset({"host"}), "except"), EVERYTHING, EVERYTHING
    ),
}


def cache_policy_from(config: Json) -> CachePolicy:
    """From a CachePolicyConfig."""
    parameters: Json = config.get("ParametersInCacheKeyAndForwardedToOrigin", {})
    encodings = (
        ("br", parameters.get("EnableAcceptEncodingBrotli")),
        ("gzip", parameters.get("EnableAcceptEncodingGzip")),
    )
    return CachePolicy(
        key=selections_from(parameters),
        encodings=tuple(name for name, enabled in encodings if enabled),
        min_ttl=config["MinTTL"],
        default_ttl=config.get("DefaultTTL", _DAY),
        max_ttl=config.get("MaxTTL", _YEAR),
    )


def selections_from(config: Json) -> Selections:
    """From an OriginRequestPolicyConfig, or the like in a cache policy."""
    headers: Json = config.get("HeadersConfig", {})
    cookies: Json = config.get("CookiesConfig", {})
    parameters: Json = config.get("QueryStringsConfig", {})
    return Selections(
        _selection(headers.get("HeaderBehavior"), lower(items(headers, "Headers"))),
        _selection(cookies.get("CookieBehavior"), items(cookies, "Cookies")),
        _selection(parameters.get("QueryStringBehavior"), items(parameters, "QueryStrings")),
    )


def _selection(behaviour: str | None, names: frozenset[str]) -> Selection:
    match behaviour:
        case "whitelist":
            return Selection(names)
        case "allExcept":
            return Selection(names, "except")
        case "all" | "allViewer" | "allViewerAndWhitelistCloudFront":
            return EVERYTHING
        case _:
            return NOTHING


def legacy_policies_from(behaviour: Json) -> tuple[CachePolicy, Selections]:
    """From a behaviour with ForwardedValues, the predecessor of policies."""
    forwarded: Json = behaviour.get("ForwardedValues", {})
    cookies: Json = forwarded.get("Cookies", {})
    headers = lower(items(forwarded, "Headers"))
    all_headers = "*" in headers
    sent = Selections(
        EVERYTHING if all_headers else Selection(headers),
        _selection(cookies.get("Forward"), items(cookies, "WhitelistedNames")),
        EVERYTHING if forwarded.get("QueryString") else NOTHING,
    )
    named = items(forwarded, "QueryStringCacheKeys") if forwarded.get("QueryString") else ()
    by = Selection(frozenset(named)) if named else sent.parameters
    key = Selections(sent.headers, sent.cookies, by)
    if all_headers:
        return CachePolicy(key), sent
    return CachePolicy(
        key,
        min_ttl=behaviour.get("MinTTL", 0),
        default_ttl=behaviour.get("DefaultTTL", _DAY),
        max_ttl=behaviour.get("MaxTTL", _YEAR),
    ), sent


def items(config: Json, name: str) -> frozenset[str]:
    return frozenset(config.get(name, {}).get("Items", ()))


def lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)
