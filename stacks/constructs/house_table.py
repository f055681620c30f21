"""A table as every capability has them: two keys, billed by the request, no index."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from config.environments import Environment
from stacks.constructs.acknowledge import acknowledge


class HouseTable(dynamodb.Table):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        environment: Environment,
        precious: bool = True,
        sorted_by: str | None = "SK",
        streams: bool = False,
    ) -> None:
        """What is precious can be restored to any second of five weeks, and outlives its stack."""
        kept = precious and environment.keep_data
        super().__init__(
            scope,
            id,
            partition_key=_text("PK"),
            sort_key=None if sorted_by is None else _text(sorted_by),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires",
            stream=dynamodb.StreamViewType.NEW_IMAGE if streams else None,
            point_in_time_recovery_specification=(
                dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
                if precious
                else None
            ),
            deletion_protection=kept,
            removal_policy=RemovalPolicy.RETAIN if kept else RemovalPolicy.DESTROY,
        )
        if not precious:
            acknowledge(self, {"AwsSolutions-DDB3": "What is in it is of no use minutes later."})


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
