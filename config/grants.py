"""Checks the grants that an environment gives for its own distribution."""

import re
from typing import Final

from lambdas.edge.distribution_grants import DistributionGrants

_LAMBDA: Final = re.compile(r"arn:[a-z-]+:lambda:us-east-1:\d{12}:function:[\w-]+")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_VPC_ORIGIN: Final = re.compile(r"vo_\w+|arn:[a-z-]+:cloudfront::\d{12}:vpcorigin/vo_\w+")


def checked_grants(grants: DistributionGrants) -> DistributionGrants:
    for arn in grants.lambda_functions:
        if not _LAMBDA.fullmatch(arn):
            raise ValueError(
                f"lambda_functions: {arn!r} is not the ARN, without a version, of a function in "
                "us-east-1"
            )
    if grants.log_bucket and not _BUCKET.fullmatch(grants.log_bucket):
        raise ValueError(f"log_bucket: {grants.log_bucket!r} is not a bucket's name")
    for origin in grants.vpc_origins:
        if not _VPC_ORIGIN.fullmatch(origin):
            raise ValueError(
                f"vpc_origins: {origin!r} is neither an id such as vo_1a2b nor its ARN"
            )
    return grants
