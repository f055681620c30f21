"""Builds Insights: the bucket, the functions that count its files, the views, and the API."""

from aws_cdk import Lazy
from aws_cdk import aws_lambda as lambda_

from config import names, paths
from config.capabilities import insights
from lambdas.insights.routes import ROUTES
from lambdas.insights.settings import (
    AggregateSettings,
    FoldSettings,
    GatherSettings,
    InsightsSettings,
    RegisterSettings,
)
from stacks.insights.bucket import (
    RAW_PREFIXES,
    allow_objects,
    insights_bucket,
    let_bucket_invoke,
)
from stacks.insights.catalogue import InsightsCatalogue
from stacks.insights.policies import add_policies
from stacks.insights.routing import Described, Late
from stacks.shared.acknowledge import acknowledge_wildcards
from stacks.shared.bucket import PrivateBucket
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.custom_resource import custom_resource
from stacks.shared.python_function import PythonFunction


def build(stack: CapabilityStack) -> None:
    bucket = insights_bucket(stack)
    _register(stack, bucket, _fold(stack, bucket), _gather(stack))
    _aggregate(stack)
    _api(stack, bucket)
    InsightsCatalogue(stack, "Catalogue", bucket=bucket.bucket_name)
    add_policies(stack, bucket)


def _fold(stack: CapabilityStack, bucket: PrivateBucket) -> PythonFunction:
    table = stack.table_of(insights.CAPABILITY, insights.TABLE)
    fold = stack.function(
        insights.FOLD,
        FoldSettings(
            insights_bucket=bucket.bucket_name,
            insights_table=table.table_name,
            raw_prefixes=",".join(RAW_PREFIXES),
            rows_prefix=insights.ROWS,
            unreadable_prefix=insights.UNREADABLE,
        ),
    )
    table.grant(fold, "dynamodb:GetItem", "dynamodb:PutItem")
    for prefix in RAW_PREFIXES:
        allow_objects(fold, bucket, prefix, "GetObject", "DeleteObject")
    for prefix in (insights.ROWS, insights.UNREADABLE):
        allow_objects(fold, bucket, prefix, "PutObject")
    fold.allow(["s3:ListBucket"], bucket.bucket_arn)
    return fold


def _aggregate(stack: CapabilityStack) -> None:
    table = stack.table_of(insights.CAPABILITY, insights.TABLE)
    aggregate = stack.function(
        insights.AGGREGATE, AggregateSettings(insights_table=table.table_name)
    )
    table.grant(aggregate, "dynamodb:Query", "dynamodb:PutItem")


def _gather(stack: CapabilityStack) -> PythonFunction:
    table = stack.table_of(insights.CAPABILITY, insights.TABLE)
    gather = stack.function(insights.GATHER, GatherSettings(insights_table=table.table_name))
    table.grant(gather, "dynamodb:GetItem", "dynamodb:PutItem")
    return gather


def _let_logs_invoke(stack: CapabilityStack, gather: PythonFunction) -> lambda_.CfnPermission:
    return lambda_.CfnPermission(
        stack,
        "GatherFromLogs",
        action="lambda:InvokeFunction",
        function_name=gather.function_arn,
        principal="logs.amazonaws.com",
        source_account=stack.account,
        source_arn=_log_groups(stack),
    )


def _register(
    stack: CapabilityStack, bucket: PrivateBucket, fold: PythonFunction, gather: PythonFunction
) -> None:
    table = stack.table_of(insights.CAPABILITY, insights.TABLE)
    register = stack.function(
        insights.REGISTER,
        RegisterSettings(
            insights_table=table.table_name,
            insights_bucket=bucket.bucket_name,
            raw_prefixes=",".join(RAW_PREFIXES),
            fold_arn=fold.function_arn,
            gather_arn=gather.function_arn,
            log_groups=names.function_log_group(f"{names.PROJECT}-"),
            own_log_groups=names.function_log_group(f"{names.PROJECT}-insights-"),
        ),
    )
    table.grant(
        register, "dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"
    )
    register.allow(["s3:PutBucketNotification"], bucket.bucket_arn)
    register.allow(["logs:DescribeLogGroups"], "*")
    filters = [
        f"logs:{each}SubscriptionFilter{'s' if each == 'Describe' else ''}"
        for each in ("Describe", "Put", "Delete")
    ]
    register.allow(filters, _log_groups(stack))
    acknowledge_wildcards(
        register.own_role,
        ["*", _log_groups(stack)],
        "Each function has a log group, and a deploy may make more.",
    )
    described = Described(stack)
    entered = custom_resource(
        stack,
        "Registry",
        register,
        Functions=Lazy.string(Late(described.functions)),
        Catalogue=Lazy.string(Late(described.catalogue)),
    )
    entered.node.add_dependency(
        let_bucket_invoke(stack, bucket, fold), _let_logs_invoke(stack, gather)
    )


def _api(stack: CapabilityStack, bucket: PrivateBucket) -> None:
    table, keys, minutes = (
        stack.table_of(insights.CAPABILITY, each)
        for each in (insights.TABLE, insights.KEYS, insights.MINUTES)
    )
    api = stack.function(
        insights.API,
        InsightsSettings(
            insights_bucket=bucket.bucket_name,
            insights_table=table.table_name,
            key_table=keys.table_name,
            minute_table=minutes.table_name,
            rows_prefix=insights.ROWS,
            origin_lock_parameter=names.ORIGIN_LOCK,
            insights_path=f"{paths.API_BASE_PATH}{ROUTES.prefix}",
        ),
    )
    table.grant(api, "dynamodb:GetItem", "dynamodb:Query")
    keys.grant(
        api,
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
    )
    minutes.grant(api, "dynamodb:UpdateItem")
    allow_objects(api, bucket, insights.ROWS, "GetObject")
    api.allow(["s3:ListBucket"], bucket.bucket_arn)
    api.allow_origin_lock()
    stack.serve(ROUTES, api)


def _log_groups(stack: CapabilityStack) -> str:
    """With and without the asterisk that AWS may put after a colon at the end."""
    groups = names.function_log_group(f"{names.PROJECT}-*")
    return f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:{groups}"
