"""Managed policies for people and tools that read Insights directly, without the API."""

from typing import cast

from aws_cdk import CfnElement, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from config.capabilities import insights
from stacks.shared.acknowledge import acknowledge
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.catalogue import RESULTS

_READ_ITEMS = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan")
_CHANGE_ITEMS = (
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
)
_ASK = (
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
)
_CATALOGUE = ("glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartitions")


def add_policies(stack: CapabilityStack, bucket: s3.Bucket) -> None:
    """Nobody has them until you attach them. They hold no key's secret: only hashes are stored."""
    reading = _reading(stack, bucket)
    _policy(stack, bucket, "Readonly", insights.READONLY_POLICY, reading)
    _policy(stack, bucket, "Admin", insights.ADMIN_POLICY, [*reading, *_changing(stack, bucket)])


def _policy(
    stack: CapabilityStack,
    bucket: s3.Bucket,
    id: str,
    name: str,
    statements: list[iam.PolicyStatement],
) -> None:
    policy = iam.ManagedPolicy(
        stack, id, managed_policy_name=f"{name}-{stack.region}", statements=statements
    )
    found = [
        f"<{stack.get_logical_id(cast('CfnElement', bucket.node.default_child))}.Arn>/{each}"
        for each in (f"{insights.ROWS}/*", f"{RESULTS}/*", "*")
    ]
    found.append(_every_table(stack))
    acknowledge(policy, {f"AwsSolutions-IAM5[Resource::{each}]": _REASON for each in found})


def _every_table(stack: CapabilityStack) -> str:
    """As a finding names it: with the region and the account where config names them."""
    partition, region, account = (
        f"<AWS::{name}>" if Token.is_unresolved(known) else known
        for name, known in (
            ("Partition", stack.partition),
            ("Region", stack.region),
            ("AccountId", stack.account),
        )
    )
    return f"arn:{partition}:glue:{region}:{account}:table/{insights.DATABASE}/*"


_REASON = "Rows and query results have names of their own; the policies reach nothing else."


def _reading(stack: CapabilityStack, bucket: s3.Bucket) -> list[iam.PolicyStatement]:
    table = stack.table_of(insights.CAPABILITY, insights.TABLE)
    glue = [
        stack.format_arn(service="glue", resource=resource)
        for resource in (
            "catalog",
            f"database/{insights.DATABASE}",
            f"table/{insights.DATABASE}/*",
        )
    ]
    workgroup = stack.format_arn(
        service="athena", resource="workgroup", resource_name=insights.WORKGROUP
    )
    return [
        _statement(_READ_ITEMS, table.table_arn),
        _statement(("s3:GetObject",), bucket.arn_for_objects(f"{insights.ROWS}/*")),
        _statement(
            ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"),
            bucket.arn_for_objects(f"{RESULTS}/*"),
        ),
        _statement(("s3:ListBucket", "s3:GetBucketLocation"), bucket.bucket_arn),
        _statement(_ASK, workgroup),
        _statement(_CATALOGUE, *glue),
    ]


def _changing(stack: CapabilityStack, bucket: s3.Bucket) -> list[iam.PolicyStatement]:
    table, keys = (
        stack.table_of(insights.CAPABILITY, each) for each in (insights.TABLE, insights.KEYS)
    )
    return [
        _statement(_CHANGE_ITEMS, table.table_arn),
        _statement((*_READ_ITEMS, *_CHANGE_ITEMS), keys.table_arn),
        _statement(
            ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), bucket.arn_for_objects("*")
        ),
    ]


def _statement(actions: tuple[str, ...], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))
