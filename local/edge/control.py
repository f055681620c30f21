"""The distribution and everything it refers to, read through the AWS API and cached briefly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from botocore.exceptions import ClientError

from cf_functions.harness import Store
from config import names
from local.access import loopback
from local.cloud import Cloud
from local.edge.behaviours import Behaviour, Distribution, distribution_from
from local.edge.messages import EdgeError
from local.edge.policies import (
    MANAGED_CACHE_POLICIES,
    MANAGED_ORIGIN_REQUEST_POLICIES,
    CachePolicy,
    Selections,
    cache_policy_from,
    legacy_policies_from,
    selections_from,
)
from local.edge.stores import StoreReader, stores_of

T = TypeVar("T")

_SECONDS_BELIEVED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Published:
    name: str
    code: str
    store: Store


class Control:
    def __init__(self, cloud: Cloud) -> None:
        self._ssm = cloud.client("ssm")
        self._cloudfront = cloud.client("cloudfront")
        self._keys = key_value_store_client(cloud)
        self._lock = threading.RLock()
        self._believed: dict[Hashable, tuple[float, Any]] = {}
        self._stores = StoreReader(self._keys)
        self._domains: dict[str, str] = {}
        self._seen: set[str] = set()

    def forget(self) -> None:
        """Makes the next call read everything again."""
        with self._lock:
            self._believed.clear()

    def distribution(self) -> Distribution:
        return self._recent("distribution", self._read_distribution)

    def published(self, arn: str) -> Published:
        return self._recent(arn, lambda: self._read_function(arn.rpartition("/")[2]))

    def policies(self, behaviour: Behaviour) -> tuple[CachePolicy, Selections]:
        """A behaviour's cache policy, and what its origin receives besides."""
        if behaviour.cache_policy_id is None:
            return legacy_policies_from(behaviour.config)
        cache_id, request_id = behaviour.cache_policy_id, behaviour.origin_request_policy_id
        cache = self._recent(("cache", cache_id), lambda: self._read_cache_policy(cache_id))
        if request_id is None:
            return cache, Selections()
        return cache, self._recent(
            ("request", request_id), lambda: self._read_origin_request_policy(request_id)
        )

    def new_invalidations(self, distribution: Distribution) -> list[str]:
        """The paths of invalidations that this has not returned before."""
        with self._lock:
            created = self._recent("invalidations", lambda: self._list_invalidations(distribution))
            unseen = [name for name in created if name not in self._seen]
            paths = [path for name in unseen for path in self._read_paths(distribution, name)]
            self._seen.update(unseen)
            return paths

    def close(self) -> None:
        for client in (self._ssm, self._cloudfront, self._keys):
            client.close()

    def _recent(self, question: Hashable, ask: Callable[[], T]) -> T:
        with self._lock:
            believed = self._believed.get(question)
            if believed is None or time.monotonic() > believed[0] + _SECONDS_BELIEVED:
                believed = time.monotonic(), ask()
                self._believed[question] = believed
            answer: T = believed[1]
            return answer

    def _read_distribution(self) -> Distribution:
        try:
            parameter = self._ssm.get_parameter(Name=names.DISTRIBUTION_ID)
            distribution_id = parameter["Parameter"]["Value"]
            config = self._cloudfront.get_distribution_config(Id=distribution_id)
            domain = self._domain_of(distribution_id)
        except ClientError as error:
            raise EdgeError(
                503, f"cannot read the distribution named by {names.DISTRIBUTION_ID}: {error}"
            ) from error
        return distribution_from(distribution_id, domain, config["DistributionConfig"])

    def _domain_of(self, distribution_id: str) -> str:
        if distribution_id not in self._domains:
            answer = self._cloudfront.get_distribution(Id=distribution_id)
            self._domains[distribution_id] = answer["Distribution"]["DomainName"]
        return self._domains[distribution_id]

    def _read_function(self, name: str) -> Published:
        try:
            stores = stores_of(self._cloudfront, name)
            code = self._cloudfront.get_function(Name=name, Stage="LIVE")["FunctionCode"]
        except ClientError as error:
            raise EdgeError(
                503, f"function {name} is not published: {error}", "FunctionExecutionError"
            ) from error
        store = self._stores.read(stores[0]) if stores else Store()
        return Published(name, code.read().decode(), store)

    def _read_cache_policy(self, policy_id: str) -> CachePolicy:
        try:
            answer = self._cloudfront.get_cache_policy(Id=policy_id)
        except ClientError as error:
            return _managed(MANAGED_CACHE_POLICIES, policy_id, error)
        return cache_policy_from(answer["CachePolicy"]["CachePolicyConfig"])

    def _read_origin_request_policy(self, policy_id: str) -> Selections:
        try:
            answer = self._cloudfront.get_origin_request_policy(Id=policy_id)
        except ClientError as error:
            return _managed(MANAGED_ORIGIN_REQUEST_POLICIES, policy_id, error)
        return selections_from(answer["OriginRequestPolicy"]["OriginRequestPolicyConfig"])

    def _list_invalidations(self, distribution: Distribution) -> list[str]:
        paginator = self._cloudfront.get_paginator("list_invalidations")
        pages = paginator.paginate(DistributionId=distribution.id)
        return [item["Id"] for page in pages for item in page["InvalidationList"].get("Items", ())]

    def _read_paths(self, distribution: Distribution, invalidation_id: str) -> list[str]:
        answer = self._cloudfront.get_invalidation(
            DistributionId=distribution.id, Id=invalidation_id
        )
        return list(answer["Invalidation"]["InvalidationBatch"]["Paths"].get("Items", ()))


def _managed(table: dict[str, T], policy_id: str, error: ClientError) -> T:
    try:
        return table[policy_id]
    except KeyError:
        raise EdgeError(503, f"policy {policy_id}: {error}") from error


def key_value_store_client(cloud: Cloud) -> Any:
    return loopback.key_value_store_client(cloud.session, cloud.port)
