"""A table as every capability has it: two keys, billed by the request, no index."""

from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.environments import Environment
from config.manifest import Table
from config.manifests import eraser
from config.names import function_role
from stacks.shared.acknowledge import acknowledge

_CHANGES: Final = ("DeleteItem", "PartiQLUpdate", "PartiQLDelete")
"""They change or delete an item, like UpdateItem and batches. PutItem does so, too, but IAM cannot
require a condition on the item that it replaces."""


class ProjectTable(dynamodb.Table):
    def __init__(self, scope: Construct, *, table: Table, environment: Environment) -> None:
        """A precious table can be restored to any second of five weeks, and outlives its stack."""
        kept = table.precious and environment.keep_data
        super().__init__(
            scope,
            table.id,
            partition_key=_text("PK"),
            sort_key=None if table.sorted_by is None else _text(table.sorted_by),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires",
            stream=dynamodb.StreamViewType.NEW_IMAGE if table.streams else None,
            point_in_time_recovery_specification=(
                dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
                if table.precious
                else None
            ),
            deletion_protection=kept,
            removal_policy=RemovalPolicy.RETAIN if kept else RemovalPolicy.DESTROY,
            resource_policy=_policy(table),
        )
        if not table.precious:
            acknowledge(self, {"AwsSolutions-DDB3": "Its items are useless minutes later."})


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _policy(table: Table) -> iam.PolicyDocument | None:
    """Denies changes of records to everybody, whatever their own policies allow."""
    records = table.append_only
    if records is None:
        return None
    conditions: dict[str, Any] = {
        "ForAnyValue:StringLike": {"dynamodb:LeadingKeys": list(records.partitions)}
    }
    by_itself = {"Null": {"dynamodb:EnclosingOperation": "true"}}
    alone = conditions | by_itself if records.in_transactions else conditions
    but_the_eraser = {"ArnNotEquals": {"aws:PrincipalArn": _eraser_role()}}
    return iam.PolicyDocument(
        statements=[
            _deny("RecordsStay", _CHANGES, alone),
            _deny("RecordsStayInBatches", ("BatchWriteItem",), conditions),
            _deny(
                "RecordsStayAsTheyAre",
                ("UpdateItem",),
                alone | but_the_eraser if "UpdateItem" in table.eraser_may else alone,
            ),
        ]
    )


def _deny(sid: str, actions: Sequence[str], conditions: dict[str, Any]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=[f"dynamodb:{each}" for each in actions],
        # The table's name is not known before it exists; * means this table.
        resources=["*"],
        conditions=conditions,
    )


def _eraser_role() -> str:
    role = function_role(eraser().name, Aws.REGION)
    return f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/{role}"
