"""The distribution: deployed, patched, complete, and without settings that hide answers."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any, Final

from config import names
from lambdas.edge.cloudfront_fields import missing_on_update
from lambdas.edge.patch_plan import Desired
from operations.cli.output import counted
from operations.edge import live_distribution
from operations.edge import patch as patch_plan
from operations.findings import Broken
from operations.verify_aws.account import Account
from operations.verify_aws.check import check

_ITEM: Final = re.compile(r"(?:Origin|CacheBehavior)\[([^\]]+)\]")
_MOST_WILDCARDS: Final = 15
"""Invalidations with a wildcard that CloudFront carries out at a time."""


@check(
    "distribution",
    claim="The distribution is enabled, and its last change has reached every edge location.",
    laptop="The emulator reports Deployed at once. CloudFront takes some minutes.",
    good="Deployed. InProgress for more than half an hour deserves a look at CloudFront's console.",
)
def distribution(account: Account) -> str:
    found = account.distribution
    if not found["DistributionConfig"]["Enabled"]:
        raise Broken(f"{found['Id']} is disabled", "enable it in CloudFront's console")
    if found["Status"] != "Deployed":
        raise Broken(
            f"{found['Id']} is {found['Status']}: CloudFront is still deploying a change",
            "run this again in some minutes",
        )
    return f"{found['Id']}, {found['DomainName']}: Deployed"


@check(
    "patch",
    claim="The distribution carries our origins and behaviours, in the right order.",
    laptop="The emulator accepts an UpdateDistribution that CloudFront refuses.",
    good="Nothing would change.",
)
def patch(account: Account) -> str:
    clients = account.client
    patch_plan.refuse_unknown_endpoints(account.environment, clients)
    _, planned = patch_plan.plan(account.environment, clients)
    if planned.changes:
        raise Broken("; ".join(planned.changes), "htmlgame patch apply")
    return "nothing would change"


@check(
    "patch fields",
    claim="Our origins and behaviours have every field that UpdateDistribution requires.",
    laptop="CloudFront requires more of an update than of a create. The emulator checks neither.",
    good="No field is missing, so CloudFront accepts the next change.",
)
def patch_fields(account: Account) -> str:
    config = ET.fromstring(account.distribution_config.xml)
    ours = {each.pattern for each in _desired(account).behaviours}
    missing = [path for path in missing_on_update(config) if _is_ours(path, ours)]
    if missing:
        raise Broken(
            f"{counted(len(missing), 'field')} missing: {', '.join(missing[:3])}",
            "htmlgame patch apply",
        )
    return "none of our fields is missing"


def _desired(account: Account) -> Desired:
    return patch_plan.wanted(account.distribution_id, account.environment, account.client)


def _is_ours(path: str, patterns: set[str]) -> bool:
    """CloudFront itself fills in what the owner's elements lack."""
    item = _ITEM.search(path)
    return item is not None and (
        item[1] in patterns or (item[1] or "").startswith(f"{names.PROJECT}-")
    )


@check(
    "behaviours' functions",
    claim="Every function on a behaviour of the distribution is published.",
    laptop="CloudFront refuses unpublished functions. The emulator runs them.",
    good="Each is in the stage LIVE.",
)
def functions(account: Account) -> str:
    associated = sorted(set(_associated(account.distribution_config.parsed)))
    unpublished = [name for name in associated if not _is_live(account, name)]
    if unpublished:
        raise Broken(
            f"not published: {', '.join(unpublished)}",
            "make deploy publishes ours; a function of your own you publish yourself",
        )
    return f"{', '.join(associated) or 'none'}: LIVE"


def _associated(config: Any) -> Iterator[str]:
    behaviours = config["CacheBehaviors"].get("Items", ())
    for behaviour in (config["DefaultCacheBehavior"], *behaviours):
        for each in behaviour.get("FunctionAssociations", {}).get("Items", ()):
            yield each["FunctionARN"].rpartition("/")[2]


def _is_live(account: Account, name: str) -> bool:
    client = account.client("cloudfront")
    try:
        found = client.describe_function(Name=name, Stage="LIVE")
    except client.exceptions.NoSuchFunctionExists:
        return False
    return bool(found["FunctionSummary"]["FunctionMetadata"]["Stage"] == "LIVE")


@check(
    "error pages",
    claim="No custom error response of the distribution replaces the API's refusals.",
    laptop="A site of your own may have some; the local site has none with a page.",
    good="No response page for a status that the API answers with.",
)
def error_pages(account: Account) -> str:
    replaced = live_distribution.error_pages(account.distribution_config.xml)
    if replaced:
        raise Broken(replaced, live_distribution.REWRITE)
    return "none replaces an answer of the API"


@check(
    "patch permissions",
    claim="The patch's roles may write all that the distribution contains.",
    laptop="The emulator checks the rights on the distribution alone. CloudFront checks those on "
    "Lambda@Edge, log buckets and VPC origins, too.",
    good="No permission is missing.",
)
def patch_permissions(account: Account) -> str:
    granted = account.environment.distribution_grants
    for notice in live_distribution.notices(account.distribution_config.xml, granted):
        if notice.blocks:
            raise Broken(notice.what, f"{notice.fix}; then make deploy")
    return "no permission is missing"


@check(
    "invalidations",
    claim="CloudFront carries out our invalidations and has room for more.",
    laptop="The emulator completes an invalidation at once. CloudFront takes 15 wildcards at a "
    "time.",
    good="Fewer than 15 in progress, usually none.",
)
def invalidations(account: Account) -> str:
    listed = account.client("cloudfront").list_invalidations(
        DistributionId=account.distribution_id, MaxItems="100"
    )["InvalidationList"]
    items = listed.get("Items", ())
    under_way = sum(each["Status"] != "Completed" for each in items)
    if under_way >= _MOST_WILDCARDS:
        raise Broken(
            f"{under_way} are in progress",
            "raise invalidation_window_seconds in config/environments.py and deploy",
        )
    return f"{under_way} in progress, of the latest {len(items)}"
