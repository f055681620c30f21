"""make patch-plan: what a deploy would change in the live distribution, without changing it."""

import difflib
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from config import names
from config.paths import API_BASE_PATH
from lambdas.edge.distribution import Distribution
from lambdas.edge.patch import desired
from lambdas.edge.patch_plan import Desired, PatchRefusedError, Plan, masked, plan_patch
from lambdas.edge.settings import PatchSettings
from lambdas.shared.origin_lock import accepted_values

_NOT_YET = "(made by the first deploy)"


class NotDeployedError(Exception):
    """What has to be there before there is anything to plan with."""


def main() -> None:
    try:
        before, planned = plan()
    except (NotDeployedError, PatchRefusedError) as error:
        sys.exit(f"{error}")
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"AWS did not answer as hoped: {error}")
    if not planned.changes:
        print("nothing to change: the distribution carries everything already")
        return
    for change in planned.changes:
        print(change)
    print()
    sys.stdout.writelines(difference(before, planned.xml))


def plan() -> tuple[bytes, Plan]:
    distribution_id = parameter(names.DISTRIBUTION_ID)
    if distribution_id is None:
        raise NotDeployedError(
            f"no distribution yet: deploy FrontStack, or write your own distribution's id to the "
            f"SSM parameter {names.DISTRIBUTION_ID}"
        )
    before = Distribution(boto3.client("cloudfront"), distribution_id).read().xml
    return before, plan_patch(before, wanted(distribution_id))


def wanted(distribution_id: str) -> Desired:
    account = boto3.client("sts").get_caller_identity()["Account"]

    def function(name: str) -> str:
        return f"arn:aws:cloudfront::{account}:function/{name}"

    settings = PatchSettings(
        distribution_id=distribution_id,
        backup_bucket="",
        origin_lock_parameter=names.ORIGIN_LOCK,
        scores_endpoint_parameter=names.SCORE_API_ENDPOINT,
        api_base_path=API_BASE_PATH,
        get_start=function(names.GET_START),
        get_end=function(names.GET_END),
        validate=function(names.VALIDATE),
        ranking_cache_policy=cache_policy_id(names.RANKING_CACHE),
    )
    endpoint = parameter(names.SCORE_API_ENDPOINT) or "https://made-by-the-first-deploy.invalid"
    lock = accepted_values(parameter(names.ORIGIN_LOCK) or _NOT_YET)[0]
    return desired(settings, endpoint, lock)


def parameter(name: str) -> str | None:
    client = boto3.client("ssm")
    try:
        return str(client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except client.exceptions.ParameterNotFound:
        return None


def cache_policy_id(name: str) -> str:
    client = boto3.client("cloudfront")
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


if __name__ == "__main__":
    main()
