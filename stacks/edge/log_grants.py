"""Permissions to have CloudFront write the distribution's access log."""

from collections.abc import Sequence

from lambdas.edge.access_logs import CLOUDFRONT_REGION, AccessLog
from stacks.edge.store import only
from stacks.shared.acknowledge import acknowledge_wildcards
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.python_function import PythonFunction

_LISTS = ("logs:DescribeDeliveries", "logs:DescribeDeliverySources")
_CHANGES = (
    "logs:CreateDelivery",
    "logs:DeleteDelivery",
    "logs:DeleteDeliveryDestination",
    "logs:DeleteDeliverySource",
    "logs:GetDelivery",
    "logs:GetDeliveryDestination",
    "logs:GetDeliverySource",
    "logs:PutDeliveryDestination",
    "logs:PutDeliverySource",
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
    arns = only(
        stack,
        *(
            f"arn:{stack.partition}:logs:{CLOUDFRONT_REGION}:{stack.account}:{kind}"
            for kind in ("delivery:*", "delivery-source:*", "delivery-destination:*")
        ),
    )
    function.allow(_LISTS, "*")
    function.allow(_CHANGES, *arns)
    function.allow(
        ["cloudfront:AllowVendedLogDeliveryForResource"], stack.distribution_arn(distribution_id)
    )
    buckets = [f"arn:{stack.partition}:s3:::{each.bucket}" for each in logs if each.on]
    if buckets:
        function.allow(["s3:GetBucketPolicy"], *buckets)
    reason = "Lists cannot be limited, and AWS chooses the ids of deliveries."
    acknowledge_wildcards(function.own_role, ["*", *arns], reason)
