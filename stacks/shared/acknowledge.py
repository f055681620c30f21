"""Findings of cdk-nag that we have looked at, each with the reason it stands."""

from collections.abc import Iterable, Mapping
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, findings: Mapping[str, str]) -> None:
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=finding, reason=reason) for finding, reason in findings.items())
    )


def acknowledge_wildcards(construct: IConstruct, arns: Iterable[str], reason: str) -> None:
    """Of these ARNs, spelled as cdk-nag reports them wherever the stack goes."""
    stack = Stack.of(construct)
    reported = (_as_reported(stack.resolve(arn)) for arn in arns)
    acknowledge(construct, {f"AwsSolutions-IAM5[Resource::{arn}]": reason for arn in reported})


def _as_reported(arn: Any) -> str:
    """A reference is its name in angle brackets; a region that config names is no reference."""
    match arn:
        case {"Fn::Join": [str(between), list(parts)]}:
            return between.join(map(_as_reported, parts))
        case {"Ref": str(name)}:
            return f"<{name}>"
    return str(arn)
