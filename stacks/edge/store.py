"""The key-value store that the edge functions read, with the keys and the games in it."""

import json

from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm

from config import names
from config.capabilities import edge
from config.edge_entries import edge_entries
from config.games import Game
from lambdas.edge.settings import StoreSettings
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.custom_resource import custom_resource


class Store:
    def __init__(self, stack: CapabilityStack, games: dict[str, Game]) -> None:
        self._stack = stack
        self.store = cloudfront.KeyValueStore(
            stack, "Store", key_value_store_name=names.EDGE_STORE, comment="htmlgame thresholds"
        )
        self.arn = self.store.key_value_store_arn
        ssm.StringParameter(
            stack, "StoreArn", parameter_name=names.EDGE_STORE_ARN, string_value=self.arn
        )
        keeper = stack.function(edge.STORE_KEEPER, StoreSettings(store_arn=self.arn))
        keeper.add_to_role_policy(self.writing())
        entries = json.dumps(edge_entries(games), separators=(",", ":"), sort_keys=True)
        self.entries = custom_resource(stack, "Entries", keeper, Entries=entries)

    def writing(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=[
                "cloudfront-keyvaluestore:DescribeKeyValueStore",
                "cloudfront-keyvaluestore:ListKeys",
                "cloudfront-keyvaluestore:UpdateKeys",
            ],
            resources=only(self._stack, self.arn),
        )


def only(stack: CapabilityStack, *arns: str) -> list[str]:
    """These resources, or all on the emulator, which does not say what a call is about."""
    return ["*"] if stack.settings.is_local else list(arns)
