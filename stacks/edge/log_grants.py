"""Permissions to have CloudFront write the distribution's access log."""

from collections.abc import Sequence
from typing import Final

from config import names
from lambdas.edge.access_logs import CLOUDFRONT_REGION, AccessLog
from stacks.edge.store import only
from stacks.shared.acknowledge import acknowledge_wildcards
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.python_function import PythonFunction

_LISTS: Final = ("logs:DescribeDeliveries", "logs:DescribeDeliverySources")
_CHANGES: Final = (
    (("delivery:*",), ("CreateDelivery", "DeleteDelivery")),
    # The owner of the distribution may have made its source.
    (("delivery-source:*",), ("CreateDelivery",)),
    (
        # Together, because AWS's reference names the destination, and not the source, for
        # DeleteDeliverySource.
        (f"delivery-source:{names.PROJECT}-*", f"delivery-destination:{names.PROJECT}-*"),
        (
            "CreateDelivery",
            "GetDeliveryDestination",
            "PutDeliveryDestination",
            "DeleteDeliveryDestination",
            "PutDeliverySource",
            "DeleteDeliverySource",
        ),
    ),
)


def grant_logs(
    function: PythonFunction,
    stack: CapabilityStack,
    distribution_id: str,
    logs: Sequence[AccessLog],
) -> None:
    """Also where every log is off: the patch then takes out what an earlier deploy put in."""
    if not logs:
        return
    function.allow(_LISTS, "*")
    arns = ["*"]
    account = f"arn:{stack.partition}:logs:{CLOUDFRONT_REGION}:{stack.account}"
    for resources, actions in _CHANGES:
        named = [f"{account}:{each}" for each in resources]
        arns += named
        function.allow([f"logs:{each}" for each in actions], *only(stack, *named))
    function.allow(
        ["cloudfront:AllowVendedLogDeliveryForResource"], stack.distribution_arn(distribution_id)
    )
    buckets = [f"arn:{stack.partition}:s3:::{each.bucket}" for each in logs if each.on]
    if buckets:
        function.allow(["s3:GetBucketPolicy"], *buckets)
    reason = "Lists cannot be limited, and AWS chooses the ids of deliveries."
    acknowledge_wildcards(function.own_role, arns, reason)
