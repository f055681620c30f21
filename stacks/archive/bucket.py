"""The bucket that holds the archive's files."""

from typing import cast

from aws_cdk import CfnElement, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from config.capabilities import archive
from config.capabilities.archive import Archive
from config.environments import Environment
from stacks.shared.acknowledge import acknowledge
from stacks.shared.bucket import PrivateBucket
from stacks.shared.catalogue import RESULTS
from stacks.shared.python_function import PythonFunction
from stacks.shared.stack import outlives_its_stack

ASIDE = "_aside/"
UNREADABLE = "_unreadable/"
_KEPT_ASIDE_DAYS = 30
_RESULTS_DAYS = 7


def archive_bucket(scope: Construct, environment: Environment) -> PrivateBucket:
    days = {
        "project=": environment.settings(Archive).days,
        ASIDE: _KEPT_ASIDE_DAYS,
        UNREADABLE: _KEPT_ASIDE_DAYS,
        RESULTS: _RESULTS_DAYS,
    }
    bucket = PrivateBucket(
        scope,
        "Bucket",
        environment=environment,
        lifecycle_rules=[
            s3.LifecycleRule(prefix=prefix, expiration=Duration.days(each))
            for prefix, each in days.items()
        ],
        removal_policy=outlives_its_stack(environment),
        no_access_log="A log of who reads it is billed by the request; CloudTrail keeps one where "
        "it is wanted.",
    )
    ssm.StringParameter(
        scope, "BucketName", parameter_name=archive.BUCKET, string_value=bucket.bucket_name
    )
    return bucket


def allow_objects(function: PythonFunction, bucket: s3.Bucket, objects: str, *actions: str) -> None:
    function.allow(actions, bucket.arn_for_objects(objects))
    acknowledge_objects(function.own_role, bucket, objects)


def acknowledge_objects(role: iam.Role, bucket: s3.Bucket, *objects: str) -> None:
    bucket_id = Stack.of(bucket).get_logical_id(cast("CfnElement", bucket.node.default_child))
    reason = "Projects come and go without a deploy."
    found = {f"AwsSolutions-IAM5[Resource::<{bucket_id}.Arn>/{each}]": reason for each in objects}
    acknowledge(role, found)
