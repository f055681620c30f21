"""Routing by a distribution's config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local.edge.messages import EdgeError
from local.edge.patterns import matches_path

Json = Mapping[str, Any]

DEFAULT_PATTERN: Final = "default (*)"
_DEFAULT_METHODS: Final = ("GET", "HEAD")
_ERROR_TTL_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Behaviour:
    pattern: str
    origin_id: str
    methods: frozenset[str]
    functions: Mapping[str, str]
    """The ARN for each event type."""
    config: Json

    @property
    def cache_policy_id(self) -> str | None:
        return self.config.get("CachePolicyId")

    @property
    def origin_request_policy_id(self) -> str | None:
        return self.config.get("OriginRequestPolicyId")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    status: int
    path: str


@dataclass(frozen=True, slots=True)
class Distribution:
    id: str
    domain: str
    behaviours: tuple[Behaviour, ...]
    """In the order in which they are tried; the last matches everything."""
    origins: Mapping[str, Json]
    default_root: str = ""
    error_pages: Mapping[int, ErrorPage] = field(default_factory=dict)
    error_ttls: Mapping[int, float] = field(default_factory=dict)
    """The minimum time for which an error is cached, by its status."""
    enabled: bool = True

    def error_ttl(self, status: int) -> float:
        return self.error_ttls.get(status, _ERROR_TTL_SECONDS)

    def behaviour_for(self, uri: str) -> Behaviour:
        *named, default = self.behaviours
        return next((b for b in named if matches_path(b.pattern, uri)), default)

    def origin_of(self, behaviour: Behaviour) -> Json:
        try:
            return self.origins[behaviour.origin_id]
        except KeyError:
            raise EdgeError(
                502, f"behaviour {behaviour.pattern} names an origin that is not there"
            ) from None

    def root(self, uri: str) -> str:
        return f"/{self.default_root}" if uri == "/" and self.default_root else uri


def distribution_from(distribution_id: str, domain: str, config: Json) -> Distribution:
    """From a DistributionConfig."""
    named = [_behaviour(item, item["PathPattern"]) for item in _items(config, "CacheBehaviors")]
    return Distribution(
        id=distribution_id,
        domain=domain,
        behaviours=(*named, _behaviour(config["DefaultCacheBehavior"], DEFAULT_PATTERN)),
        origins=_origins(config),
        default_root=config.get("DefaultRootObject", "").removeprefix("/"),
        error_pages={
            item["ErrorCode"]: ErrorPage(int(item["ResponseCode"]), item["ResponsePagePath"])
            for item in _items(config, "CustomErrorResponses")
            if item.get("ResponsePagePath")
        },
        error_ttls={
            item["ErrorCode"]: item.get("ErrorCachingMinTTL", _ERROR_TTL_SECONDS)
            for item in _items(config, "CustomErrorResponses")
        },
        enabled=config.get("Enabled", True),
    )


def _origins(config: Json) -> dict[str, Json]:
    origins = {item["Id"]: item for item in _items(config, "Origins")}
    for group in _items(config, "OriginGroups"):
        primary = group["Members"]["Items"][0]["OriginId"]
        origins[group["Id"]] = origins[primary]
    return origins


def _behaviour(config: Json, pattern: str) -> Behaviour:
    return Behaviour(
        pattern=pattern,
        origin_id=config["TargetOriginId"],
        methods=frozenset(_items(config, "AllowedMethods") or _DEFAULT_METHODS),
        functions={
            item["EventType"]: item["FunctionARN"]
            for item in _items(config, "FunctionAssociations")
        },
        config=config,
    )


def _items(config: Json, name: str) -> list[Any]:
    return list(config.get(name, {}).get("Items", ()))
