"""Findings of cdk-nag that we accept, each with the reason."""

from collections.abc import Iterable, Mapping
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, findings: Mapping[str, str]) -> None:
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=finding, reason=reason) for finding, reason in findings.items())
    )


def acknowledge_wildcards(construct: IConstruct, arns: Iterable[str], reason: str) -> None:
    """For these ARNs, in the spelling in which cdk-nag reports them for any account and region."""
    stack = Stack.of(construct)
    reported = (_as_reported(stack.resolve(arn)) for arn in arns)
    acknowledge(construct, {f"AwsSolutions-IAM5[Resource::{arn}]": reason for arn in reported})


def _as_reported(arn: Any) -> str:
    """cdk-nag writes a reference as its name in angle brackets. A region from config is plain."""
    match arn:
        case {"Fn::Join": [str(between), list(parts)]}:
            return between.join(map(_as_reported, parts))
        case {"Ref": str(name)}:
            return f"<{name}>"
    return str(arn)
