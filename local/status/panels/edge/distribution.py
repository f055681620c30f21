"""The live distribution, with its behaviours in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from config import names
from local.edge.behaviours import Behaviour, Distribution, distribution_from
from local.edge.policies import MANAGED_NAMES, Selection, cache_policy_from
from local.edge.redaction import secrets_of_origin
from local.status.clients import Clients
from local.status.times import milliseconds

Json = dict[str, Any]


class LiveDistribution:
    """Read once, when it is made."""

    def __init__(self, clients: Clients) -> None:
        self._cloudfront = clients.cloudfront
        name = clients.parameter(names.DISTRIBUTION_ID)
        self._answer = self._cloudfront.get_distribution(Id=name)["Distribution"]
        self._found = distribution_from(
            name, self._answer["DomainName"], self._answer["DistributionConfig"]
        )

    @property
    def functions(self) -> set[str]:
        arns = (arn for each in self._found.behaviours for arn in each.functions.values())
        return {arn.rpartition("/")[2] for arn in arns}

    @property
    def secrets(self) -> Iterator[str]:
        for origin in self._found.origins.values():
            yield from secrets_of_origin(origin)

    def described(self) -> Json:
        return {
            "id": self._found.id,
            "domain": self._found.domain,
            "enabled": self._found.enabled,
            "status": self._answer["Status"],
            "changedAt": milliseconds(self._answer["LastModifiedTime"]),
            "defaultRoot": self._found.default_root,
            "origins": [_origin(name, each) for name, each in self._found.origins.items()],
            "behaviours": [
                _behaviour(self._cloudfront, self._found, each) for each in self._found.behaviours
            ],
        }


def _origin(name: str, origin: Mapping[str, Any]) -> Json:
    custom = origin.get("CustomHeaders", {}).get("Items", ())
    return {
        "id": name,
        "domain": origin["DomainName"],
        "path": origin.get("OriginPath", ""),
        "addsHeaders": [header["HeaderName"] for header in custom],
    }


def _behaviour(cloudfront: Any, distribution: Distribution, behaviour: Behaviour) -> Json:
    request_policy = behaviour.origin_request_policy_id
    return {
        "pattern": behaviour.pattern,
        "origin": behaviour.origin_id,
        "originExists": behaviour.origin_id in distribution.origins,
        "methods": sorted(behaviour.methods),
        "functions": [
            {"event": event, "name": arn.rpartition("/")[2]}
            for event, arn in sorted(behaviour.functions.items())
        ],
        "cache": _cache_policy(cloudfront, behaviour.cache_policy_id),
        "originRequest": request_policy and _origin_request_policy(cloudfront, request_policy),
    }


def _cache_policy(cloudfront: Any, policy_id: str | None) -> Json:
    if policy_id is None:
        return {"name": "ForwardedValues"}
    if policy_id in MANAGED_NAMES:
        return {"name": MANAGED_NAMES[policy_id]}
    try:
        answer = cloudfront.get_cache_policy(Id=policy_id)
    except ClientError as error:
        return {"name": policy_id, "problem": str(error)}
    config = answer["CachePolicy"]["CachePolicyConfig"]
    policy = cache_policy_from(config)
    return {
        "name": config["Name"],
        "ttl": [policy.min_ttl, policy.default_ttl, policy.max_ttl],
        "by": {
            "headers": _in_words(policy.key.headers),
            "cookies": _in_words(policy.key.cookies),
            "parameters": _in_words(policy.key.parameters),
        },
    }


def _origin_request_policy(cloudfront: Any, policy_id: str) -> Json:
    if policy_id in MANAGED_NAMES:
        return {"name": MANAGED_NAMES[policy_id]}
    try:
        answer = cloudfront.get_origin_request_policy(Id=policy_id)
    except ClientError as error:
        return {"name": policy_id, "problem": str(error)}
    return {"name": answer["OriginRequestPolicy"]["OriginRequestPolicyConfig"]["Name"]}


def _in_words(selection: Selection) -> str:
    some = ", ".join(sorted(selection.names))
    if selection.mode == "only":
        return some or "none"
    return f"all but {some}" if some else "all"
