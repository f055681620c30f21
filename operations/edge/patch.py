"""What a deploy would change in the live distribution, without changing it."""

import difflib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

from config import names
from config.capabilities import enabled
from config.distribution import apis
from config.environments import Environment
from lambdas.edge.apis import Api, desired, removable
from lambdas.edge.distribution import Distribution, Reading
from lambdas.edge.patch_plan import Desired, Plan, masked, plan_patch, plan_removal
from lambdas.shared.http.origin_lock import accepted_values
from operations.errors import NotDeployed, OperatorError

_NOT_YET = "(made by the first deploy)"
_NO_ENDPOINT_YET = "https://made-by-the-first-deploy.invalid"


class NoDistribution(OperatorError):
    code = "not_deployed"

    def __init__(self) -> None:
        super().__init__(
            "no distribution yet: deploy FrontStack, or write your own distribution's id to the "
            f"SSM parameter {names.DISTRIBUTION_ID}"
        )


class InUse(OperatorError):
    code = "in_use"

    def __init__(self, distribution_id: str) -> None:
        super().__init__(
            f"{distribution_id} is the one in use: cdk destroy {names.EDGE_STACK} takes htmlgame "
            "out of it"
        )


Clients = Callable[[str], Any]
"""Of AWS services, by their names."""


def plan(environment: Environment, clients: Clients) -> tuple[bytes, Plan]:
    distribution_id = parameter(names.DISTRIBUTION_ID, clients)
    if distribution_id is None:
        raise NoDistribution
    before = Distribution(clients("cloudfront"), distribution_id).read().xml
    return before, plan_patch(before, wanted(distribution_id, environment, clients))


def refuse_unknown_endpoints(environment: Environment, clients: Clients) -> None:
    """A plan can be made without them, but not carried out: the guard reads them, too."""
    for capability in enabled(environment):
        for endpoint in capability.endpoints:
            if parameter(endpoint.parameter, clients) is None:
                raise NotDeployed(endpoint.parameter, capability.stack)


def removal(distribution_id: str, environment: Environment, clients: Clients) -> Plan:
    """What of ours is left in a distribution that a deploy has moved away from."""
    if distribution_id == parameter(names.DISTRIBUTION_ID, clients):
        raise InUse(distribution_id)
    left = Distribution(clients("cloudfront"), distribution_id).read().xml
    return plan_removal(left, _ours(environment, clients))


def remove(
    distribution_id: str,
    environment: Environment,
    clients: Clients,
    before: Callable[[Reading], None],
) -> Plan:
    ours = _ours(environment, clients)
    distribution = Distribution(clients("cloudfront"), distribution_id)
    return distribution.change(lambda xml: plan_removal(xml, ours), before)


def wanted(_distribution_id: str, environment: Environment, clients: Clients) -> Desired:
    behind = _apis(environment, clients)
    addresses = {
        each.endpoint: parameter(each.endpoint, clients) or _NO_ENDPOINT_YET
        for each in behind
        if each.on
    }
    lock = accepted_values(parameter(names.ORIGIN_LOCK, clients) or _NOT_YET)[0]
    return desired(behind, addresses, lock)


def _ours(environment: Environment, clients: Clients) -> Desired:
    return removable(_apis(environment, clients))


def _apis(environment: Environment, clients: Clients) -> list[Api]:
    account = clients("sts").get_caller_identity()["Account"]
    return apis(
        environment,
        edge_function=lambda name: f"arn:aws:cloudfront::{account}:function/{name}",
        cache_policy=lambda name: cache_policy_id(name, clients),
    )


def parameter(name: str, clients: Clients) -> str | None:
    client = clients("ssm")
    try:
        return str(client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except client.exceptions.ParameterNotFound:
        return None


def cache_policy_id(name: str, clients: Clients) -> str:
    client = clients("cloudfront")
    marker: dict[str, Any] = {}
    while True:
        listed = client.list_cache_policies(Type="custom", **marker)["CachePolicyList"]
        for item in listed.get("Items", []):
            if item["CachePolicy"]["CachePolicyConfig"]["Name"] == name:
                return str(item["CachePolicy"]["Id"])
        if not listed.get("NextMarker"):
            return _NOT_YET
        marker = {"Marker": listed["NextMarker"]}


def difference(before: bytes, after: bytes) -> Iterator[str]:
    yield from difflib.unified_diff(_lines(before), _lines(after), "live", "planned", n=2)


def _lines(xml: bytes) -> list[str]:
    config = ET.fromstring(masked(xml))
    ET.indent(config)
    return ET.tostring(config, encoding="unicode").splitlines(keepends=True)
