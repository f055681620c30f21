"""A table as every capability has it: two keys, billed by the request, no index."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from config.environments import Environment
from config.manifest import Table
from stacks.shared.acknowledge import acknowledge


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
            stream=_stream(table),
            point_in_time_recovery_specification=(
                dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
                if table.precious
                else None
            ),
            deletion_protection=kept,
            removal_policy=RemovalPolicy.RETAIN if kept else RemovalPolicy.DESTROY,
        )
        if not table.precious:
            acknowledge(self, {"AwsSolutions-DDB3": "Its items are useless minutes later."})


def _stream(table: Table) -> dynamodb.StreamViewType | None:
    if not table.streams:
        return None
    kinds = dynamodb.StreamViewType
    return kinds.NEW_AND_OLD_IMAGES if table.streams_old else kinds.NEW_IMAGE


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
