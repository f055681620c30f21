"""Permissions to update a distribution that uses Lambda@Edge, legacy logs or VPC origins."""

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from lambdas.edge.distribution_grants import (
    FOR_LAMBDA,
    FOR_LOGS,
    FOR_VPC_ORIGINS,
    DistributionGrants,
)
from stacks.shared.acknowledge import acknowledge
from stacks.shared.python_function import PythonFunction


def grant_distribution(function: PythonFunction, grants: DistributionGrants) -> None:
    stack = Stack.of(function)
    versions = [f"{arn}:*" for arn in grants.lambda_functions]
    _allow(function, FOR_LAMBDA, versions)
    if grants.log_bucket:
        _allow(function, FOR_LOGS, [f"arn:{stack.partition}:s3:::{grants.log_bucket}"])
    _allow(function, FOR_VPC_ORIGINS, [_vpc_origin(stack, each) for each in grants.vpc_origins])
    _accept_wildcards(function, versions)


def _allow(function: PythonFunction, actions: tuple[str, ...], resources: list[str]) -> None:
    if resources:
        statement = iam.PolicyStatement(actions=[*actions], resources=resources)
        function.add_to_role_policy(statement)


def _vpc_origin(stack: Stack, origin: str) -> str:
    if origin.startswith("arn:"):
        return origin
    return stack.format_arn(
        service="cloudfront", region="", resource="vpcorigin", resource_name=origin
    )


def _accept_wildcards(function: PythonFunction, versions: list[str]) -> None:
    if not versions:
        return
    wild = [f"Resource::{each}" for each in versions]
    wild += [f"Action::{each}" for each in FOR_LAMBDA if each.endswith("*")]
    acknowledge(
        function.own_role,
        {f"AwsSolutions-IAM5[{each}]": _AS_AWS_DOCUMENTS_THEM for each in wild},
    )


_AS_AWS_DOCUMENTS_THEM: Final = (
    "AWS documents these two actions with an asterisk, and the owner of a Lambda@Edge function "
    "publishes new versions of it."
)
