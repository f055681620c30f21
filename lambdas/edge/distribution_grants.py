"""Permissions beyond CloudFront's that the caller of UpdateDistribution needs.

UpdateDistribution replaces the whole config and checks every part of it as its caller. The roles
that write our part need a permission for each of these features that the rest of the config uses:

- Lambda@Edge: Amazon CloudFront Developer Guide, lambda-edge-permissions.
- Standard logging (legacy): the same guide, cf-api-permissions-ref.
- VPC origins: Service Authorization Reference, Amazon CloudFront, operations and their actions.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lambdas.edge.patch_elements import tag

FOR_LAMBDA: Final = (
    "lambda:GetFunction",
    "lambda:EnableReplication*",
    "lambda:DisableReplication*",
)
FOR_LOGS: Final = ("s3:GetBucketAcl", "s3:PutBucketAcl")
FOR_VPC_ORIGINS: Final = ("cloudfront:GetVpcOrigin",)

_LOG_BUCKET: Final = re.compile(r"(.+)\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionGrants:
    """Your other resources that the site's distribution uses. Preflight lists those it finds."""

    lambda_functions: tuple[str, ...] = ()
    """ARNs, without a version, of the Lambda@Edge functions."""
    log_bucket: str = ""
    """The name of the bucket that standard logs (legacy) go to."""
    vpc_origins: tuple[str, ...] = ()
    """Ids, or ARNs for those that another account shares."""

    def permissions(self) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        """Actions and the resources they apply to."""
        if self.lambda_functions:
            yield FOR_LAMBDA, self.lambda_functions
        if self.log_bucket:
            yield FOR_LOGS, (self.log_bucket,)
        if self.vpc_origins:
            yield FOR_VPC_ORIGINS, self.vpc_origins

    def beyond(self, other: "DistributionGrants") -> "DistributionGrants":
        """The grants that the other lacks."""
        functions = set(self.lambda_functions) - set(other.lambda_functions)
        origins = set(self.vpc_origins) - set(other.vpc_origins)
        return DistributionGrants(
            lambda_functions=tuple(sorted(functions)),
            log_bucket="" if self.log_bucket == other.log_bucket else self.log_bucket,
            vpc_origins=tuple(sorted(origins)),
        )

    def described(self) -> str:
        return "; ".join(
            f"{', '.join(actions)} on {', '.join(targets)}"
            for actions, targets in self.permissions()
        )

    def config_line(self) -> str:
        """The line to write into PRODUCTION."""
        fields = {
            "lambda_functions": self.lambda_functions,
            "log_bucket": self.log_bucket,
            "vpc_origins": self.vpc_origins,
        }
        given = ", ".join(f"{name}={value!r}" for name, value in fields.items() if value)
        return f"distribution_grants=DistributionGrants({given})"


def needed_grants(config: ET.Element) -> DistributionGrants:
    functions = {
        # Owners publish new versions at any time, so the grant is for all of them.
        ":".join((arn.text or "").split(":")[:7])
        for arn in config.iter(tag("LambdaFunctionARN"))
    }
    return DistributionGrants(
        lambda_functions=tuple(sorted(functions)),
        log_bucket=_log_bucket(config),
        vpc_origins=tuple(sorted({*_vpc_origins(config)})),
    )


def _log_bucket(config: ET.Element) -> str:
    logging = config.find(tag("Logging"))
    if logging is None or logging.findtext(tag("Enabled")) != "true":
        return ""
    domain = logging.findtext(tag("Bucket")) or ""
    match = _LOG_BUCKET.fullmatch(domain)
    return match[1] if match else domain


def _vpc_origins(config: ET.Element) -> Iterator[str]:
    for origin in config.iter(tag("VpcOriginConfig")):
        name = origin.findtext(tag("VpcOriginId")) or ""
        owner = origin.findtext(tag("OwnerAccountId"))
        yield f"arn:aws:cloudfront::{owner}:vpcorigin/{name}" if owner else name
