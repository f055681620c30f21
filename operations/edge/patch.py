"""What a deploy would change in the live distribution, without changing it."""

import difflib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

from config import names
from config.environments import Environment
from config.paths import API_BASE_PATH
from lambdas.edge.distribution import Distribution, Reading
from lambdas.edge.patch import desired
from lambdas.edge.patch_plan import Desired, Plan, masked, plan_patch, plan_removal
from lambdas.edge.settings import PatchSettings
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
    published = {names.SCORE_API_ENDPOINT: names.SCORE_API_STACK}
    if environment.telemetry is not None:
        published[names.TELEMETRY_API_ENDPOINT] = names.TELEMETRY_STACK
    for name, stack in published.items():
        if parameter(name, clients) is None:
            raise NotDeployed(name, stack)


def removal(distribution_id: str, environment: Environment, clients: Clients) -> Plan:
    """What of ours is left in a distribution that a deploy has moved away from."""
    if distribution_id == parameter(names.DISTRIBUTION_ID, clients):
        raise InUse(distribution_id)
    left = Distribution(clients("cloudfront"), distribution_id).read().xml
    return plan_removal(left, wanted(distribution_id, environment, clients))


def remove(
    distribution_id: str,
    environment: Environment,
    clients: Clients,
    before: Callable[[Reading], None],
) -> Plan:
    ours = wanted(distribution_id, environment, clients)
    distribution = Distribution(clients("cloudfront"), distribution_id)
    return distribution.change(lambda xml: plan_removal(xml, ours), before)


def wanted(distribution_id: str, environment: Environment, clients: Clients) -> Desired:
    account = clients("sts").get_caller_identity()["Account"]

    def function(name: str) -> str:
        return f"arn:aws:cloudfront::{account}:function/{name}"

    settings = PatchSettings(
        distribution_id=distribution_id,
        backup_bucket="",
        origin_lock_parameter=names.ORIGIN_LOCK,
        scores_endpoint_parameter=names.SCORE_API_ENDPOINT,
        telemetry_endpoint_parameter=names.TELEMETRY_API_ENDPOINT,
        api_base_path=API_BASE_PATH,
        get_start=function(names.GET_START),
        get_end=function(names.GET_END),
        validate=function(names.VALIDATE),
        ranking_cache_policy=cache_policy_id(names.RANKING_CACHE, clients),
    )
    return desired(
        settings,
        scores=parameter(names.SCORE_API_ENDPOINT, clients) or _NO_ENDPOINT_YET,
        telemetry=_telemetry_endpoint(environment, clients),
        lock=accepted_values(parameter(names.ORIGIN_LOCK, clients) or _NOT_YET)[0],
    )


def _telemetry_endpoint(environment: Environment, clients: Clients) -> str | None:
    """Where telemetry is off, whatever is still deployed of it has no place in the site."""
    if environment.telemetry is None:
        return None
    return parameter(names.TELEMETRY_API_ENDPOINT, clients) or _NO_ENDPOINT_YET


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
