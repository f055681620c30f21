"""The distribution patch, and the guard that restores it."""

from typing import cast

from aws_cdk import CfnElement, CustomResource, Duration, RemovalPolicy
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3

from config import names
from config.capabilities import edge
from config.distribution import access_logs, apis
from config.manifest import CachePolicy
from lambdas.edge.access_logs import written as written_logs
from lambdas.edge.apis import written
from lambdas.edge.settings import PatchSettings
from stacks.edge.edge_function import EdgeFunction
from stacks.edge.grants import grant_distribution
from stacks.edge.log_grants import grant_logs
from stacks.edge.store import Store, only
from stacks.shared.acknowledge import acknowledge
from stacks.shared.bucket import PrivateBucket
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.custom_resource import custom_resource
from stacks.shared.python_function import PythonFunction


class Patch:
    def __init__(self, stack: CapabilityStack, store: Store) -> None:
        self._stack = stack
        self._distribution_id = stack.parameter_value(names.DISTRIBUTION_ID)
        self._functions = {
            each.name: EdgeFunction(stack, function=each, store=store.store)
            for capability in stack.enabled
            for each in capability.edge_functions
        }
        self._cache_policies = {
            each.name: _cache_policy(stack, each).cache_policy_id
            for capability in stack.enabled
            for each in capability.cache_policies
        }
        self._backups = _backups(stack)
        self._apis = apis(
            stack.settings,
            edge_function=lambda name: self._functions[name].function_arn,
            cache_policy=lambda name: self._cache_policies[name],
        )
        self._logs = access_logs(stack.settings, bucket=stack.parameter_value)
        self._endpoints = [each.endpoint for each in self._apis if each.on]
        self._settings = PatchSettings(
            distribution_id=self._distribution_id,
            backup_bucket=self._backups.bucket_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
            apis=written(self._apis),
            distribution_arn=stack.distribution_arn(self._distribution_id),
            access_logs=written_logs(self._logs),
        )
        self.resource = self._resource()

    @property
    def functions(self) -> list[EdgeFunction]:
        return list(self._functions.values())

    def _resource(self) -> CustomResource:
        patcher = self._stack.function(edge.DISTRIBUTION_PATCH, self._settings)
        self._allow_distribution(patcher, "GetDistribution")
        self._allow_patching(patcher)
        # CloudFormation updates a resource only where a property changes.
        endpoints = {
            f"Endpoint{number or ''}": self._stack.parameter_value(name)
            for number, name in enumerate(self._endpoints)
        }
        return custom_resource(
            self._stack, "Patch", patcher, **endpoints, **self._settings.to_environment()
        )

    def add_drift_guard(self) -> PythonFunction:
        guard = self._stack.function(edge.DRIFT_GUARD, self._settings)
        self._allow_patching(guard)
        return guard

    def _allow_patching(self, function: PythonFunction) -> None:
        grant_distribution(function, self._stack.settings.distribution_grants)
        self._allow_distribution(function, "GetDistributionConfig", "UpdateDistribution")
        published = only(self._stack, *(each.function_arn for each in self.functions))
        function.allow(["cloudfront:DescribeFunction"], *published)
        function.allow(["s3:PutObject"], self._backups.arn_for_objects("*"))
        backups = self._stack.get_logical_id(cast("CfnElement", self._backups.node.default_child))
        acknowledge(
            function.own_role,
            {f"AwsSolutions-IAM5[Resource::<{backups}.Arn>/*]": "Every backup has its own name."},
        )
        function.allow_reading_together(names.ORIGIN_LOCK, *self._endpoints)
        grant_logs(function, self._stack, self._distribution_id, self._logs)

    def _allow_distribution(self, function: PythonFunction, *actions: str) -> None:
        function.allow(
            [f"cloudfront:{each}" for each in actions],
            self._stack.distribution_arn(self._distribution_id),
        )


def _backups(stack: CapabilityStack) -> PrivateBucket:
    kept = stack.settings.keep_data
    return PrivateBucket(
        stack,
        "Backups",
        environment=stack.settings,
        lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(90))],
        # A rollback keeps it too: the patch may have stored a backup before it failed.
        removal_policy=RemovalPolicy.RETAIN if kept else RemovalPolicy.DESTROY,
        no_access_log="A few configs a month, written by one function; nobody reads them but you.",
    )


def _cache_policy(stack: CapabilityStack, policy: CachePolicy) -> cloudfront.CachePolicy:
    return cloudfront.CachePolicy(
        stack,
        policy.id,
        cache_policy_name=policy.name,
        comment=policy.comment,
        min_ttl=Duration.seconds(0),
        default_ttl=Duration.seconds(0),
        max_ttl=Duration.seconds(policy.most_seconds),
        query_string_behavior=_query_strings(policy),
        enable_accept_encoding_gzip=True,
        enable_accept_encoding_brotli=True,
    )


def _query_strings(policy: CachePolicy) -> cloudfront.CacheQueryStringBehavior:
    behavior = cloudfront.CacheQueryStringBehavior
    return behavior.allow_list(*policy.query_strings) if policy.query_strings else behavior.none()
