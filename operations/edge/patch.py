"""What a deploy would change in the live distribution, without changing it."""

import difflib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

from config import names
from config.capabilities import edge as edge_manifest
from config.distribution import access_logs, apis
from config.environments import Environment
from lambdas.edge.access_logs import Deliveries
from lambdas.edge.apis import Api, desired, removable
from lambdas.edge.distribution import Distribution, Reading
from lambdas.edge.patch_plan import Desired, Plan, masked, plan_patch, plan_removal
from lambdas.shared.http.origin_lock import accepted_values
from operations.account.parameters import Clients, read_parameter
from operations.deployed import endpoints
from operations.errors import NotDeployed, OperatorError

_NOT_YET = "(created by the first deploy)"
_NO_ENDPOINT_YET = "https://made-by-the-first-deploy.invalid"


class NoDistribution(OperatorError):
    code = "not_deployed"

    def __init__(self) -> None:
        super().__init__(
            "there is no distribution yet: deploy FrontStack, or write your distribution's id to "
            f"the SSM parameter {names.DISTRIBUTION_ID}"
        )


class InUse(OperatorError):
    code = "in_use"

    def __init__(self, distribution_id: str) -> None:
        super().__init__(
            f"{distribution_id} is in use: make destroy ARGS={edge_manifest.CAPABILITY.stack} "
            "takes htmlgame out of it"
        )


def plan(environment: Environment, clients: Clients) -> tuple[bytes, Plan]:
    distribution_id = read_parameter(names.DISTRIBUTION_ID, clients)
    if distribution_id is None:
        raise NoDistribution
    before = Distribution(clients("cloudfront"), distribution_id).read().xml
    return before, plan_patch(before, wanted(distribution_id, environment, clients))


def refuse_unknown_endpoints(environment: Environment, clients: Clients) -> None:
    """The drift guard, which applies a plan, needs the addresses; a plan alone does not."""
    for name, stack in endpoints(environment):
        if read_parameter(name, clients) is None:
            raise NotDeployed(name, stack)


def removal(distribution_id: str, environment: Environment, clients: Clients) -> Plan:
    """What to take out of a distribution that htmlgame no longer uses."""
    if distribution_id == read_parameter(names.DISTRIBUTION_ID, clients):
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


def remove_logs(distribution_id: str, environment: Environment, clients: Clients, logs: Any) -> int:
    """Takes the access logs out. `logs` is a client in CloudFront's region."""
    account = clients("sts").get_caller_identity()["Account"]
    ours = access_logs(environment, bucket=lambda _: "")
    arn = f"arn:aws:cloudfront::{account}:distribution/{distribution_id}"
    return len(Deliveries(logs, arn, ours).remove())


def wanted(_distribution_id: str, environment: Environment, clients: Clients) -> Desired:
    behind = _apis(environment, clients)
    addresses = {
        each.endpoint: read_parameter(each.endpoint, clients) or _NO_ENDPOINT_YET
        for each in behind
        if each.on
    }
    lock = accepted_values(read_parameter(names.ORIGIN_LOCK, clients) or _NOT_YET)[0]
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
