"""The bucket that holds CloudFront's log files until they are counted, and the rows."""

from typing import cast

from aws_cdk import CfnElement, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from config.alarms import CLOUDFRONT_REGION
from config.capabilities import insights
from config.capabilities.insights import Insights
from stacks.shared.acknowledge import acknowledge
from stacks.shared.bucket import PrivateBucket
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.catalogue import RESULTS
from stacks.shared.python_function import PythonFunction
from stacks.shared.stack import outlives_its_stack

AWS_PREFIX = "AWSLogs"
"""CloudFront may put its files here, whatever folder the delivery names."""
RAW_PREFIXES = (insights.RAW, AWS_PREFIX)
_UNREADABLE_DAYS = 30
_RESULTS_DAYS = 7


def insights_bucket(stack: CapabilityStack) -> PrivateBucket:
    days = {
        **dict.fromkeys(RAW_PREFIXES, insights.RAW_DAYS),
        insights.ROWS: stack.settings.settings(Insights).days,
        insights.UNREADABLE: _UNREADABLE_DAYS,
        RESULTS: _RESULTS_DAYS,
    }
    bucket = PrivateBucket(
        stack,
        "Bucket",
        environment=stack.settings,
        lifecycle_rules=[
            s3.LifecycleRule(prefix=f"{prefix}/", expiration=Duration.days(each))
            for prefix, each in days.items()
        ],
        removal_policy=outlives_its_stack(stack.settings),
        no_access_log="A log of who reads it is billed by the request; CloudTrail keeps one where "
        "it is wanted.",
    )
    _let_cloudfront_write(stack, bucket)
    stack.export({insights.BUCKET: bucket.bucket_name})
    return bucket


def _let_cloudfront_write(stack: CapabilityStack, bucket: s3.Bucket) -> None:
    """As AWS documents it for logs that CloudWatch Logs delivers."""
    source = f"arn:{stack.partition}:logs:{CLOUDFRONT_REGION}:{stack.account}:delivery-source:*"
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="AWSLogsDeliveryWrite",
            principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects(f"{prefix}/*") for prefix in RAW_PREFIXES],
            conditions={
                "StringEquals": {
                    "s3:x-amz-acl": "bucket-owner-full-control",
                    "aws:SourceAccount": stack.account,
                },
                "ArnLike": {"aws:SourceArn": source},
            },
        )
    )


def let_bucket_invoke(
    stack: CapabilityStack, bucket: s3.Bucket, function: PythonFunction
) -> lambda_.CfnPermission:
    """For the notifications of new files, which the deploy sets up when both exist."""
    permission = lambda_.CfnPermission(
        stack,
        "FoldOnNewFiles",
        action="lambda:InvokeFunction",
        function_name=function.function_arn,
        principal="s3.amazonaws.com",
        source_account=stack.account,
        source_arn=bucket.bucket_arn,
    )
    permission.node.add_dependency(function)
    return permission


def allow_objects(function: PythonFunction, bucket: s3.Bucket, prefix: str, *actions: str) -> None:
    function.allow([f"s3:{each}" for each in actions], bucket.arn_for_objects(f"{prefix}/*"))
    own = function.stack.get_logical_id(cast("CfnElement", bucket.node.default_child))
    finding = f"AwsSolutions-IAM5[Resource::<{own}.Arn>/{prefix}/*]"
    acknowledge(function.own_role, {finding: "Each file has a name of its own."})
