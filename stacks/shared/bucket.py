"""A private bucket, encrypted by S3 and read over TLS alone."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from config.environments import Environment
from stacks.shared.acknowledge import acknowledge


class PrivateBucket(s3.Bucket):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        environment: Environment,
        removal_policy: RemovalPolicy,
        lifecycle_rules: Sequence[s3.LifecycleRule] | None = None,
        no_access_log: str,
    ) -> None:
        """`no_access_log` is the reason why the bucket has no log of its readers."""
        super().__init__(
            scope,
            id,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not environment.is_local,  # the emulator speaks plain HTTP
            lifecycle_rules=lifecycle_rules,
            removal_policy=removal_policy,
        )
        acknowledge(self, {"AwsSolutions-S1": no_access_log})
