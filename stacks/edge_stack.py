"""EdgeStack: the functions that judge a play before it costs anything, and what they need."""

import json
from typing import cast

from aws_cdk import ArnFormat, CfnElement, CustomResource, Duration, RemovalPolicy
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from config import functions, names, paths
from config.edge_entries import edge_entries, rotation_rest_seconds
from config.environments import Environment
from config.functions import Function
from config.games import load_games
from lambdas.edge.settings import (
    OriginLockSettings,
    PatchSettings,
    RotationSettings,
    StoreSettings,
)
from lambdas.shared.settings import Settings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.distribution_grants import grant_distribution
from stacks.constructs.edge_function import EdgeFunction
from stacks.constructs.house_stack import HouseStack
from stacks.constructs.libraries import Libraries
from stacks.constructs.provider import Provider
from stacks.constructs.python_function import PythonFunction


class EdgeStack(HouseStack):
    """Play tokens, thresholds and the lock, patched into the site's distribution."""

    def __init__(self, scope: Construct, *, environment: Environment) -> None:
        super().__init__(scope, names.EDGE_STACK, environment=environment)
        self._environment = environment
        self._libraries = Libraries(self, "Libraries", environment=environment)
        self._games = load_games()
        self._distribution_id = ssm.StringParameter.value_for_string_parameter(
            self, names.DISTRIBUTION_ID
        )
        lock = self._origin_lock()
        self._store = self._key_value_store()
        entries = self._entries()
        self._edge_functions = self._publish()
        settings = self._patch_settings()
        patch = self._patch(settings)
        patch.node.add_dependency(lock, entries, *self._edge_functions.values())
        guard = self._drift_guard(settings)
        self._rotation(guard)
        for rule in self.node.find_all():
            # Deleted before the patch is, or the guard might put it back while the stack goes.
            if isinstance(rule, events.Rule):
                rule.node.add_dependency(patch)
        self._let_trim_publish_thresholds()

    def _function(
        self, id: str, function: Function, settings: Settings, *, minutes: int = 2
    ) -> PythonFunction:
        return PythonFunction(
            self,
            id,
            function=function,
            settings=settings,
            environment=self._environment,
            libraries=self._libraries,
            timeout=Duration.minutes(minutes),
        )

    def _origin_lock(self) -> CustomResource:
        settings = OriginLockSettings(origin_lock_parameter=names.ORIGIN_LOCK)
        keeper = self._function("OriginLockKeeper", functions.ORIGIN_LOCK_KEEPER, settings)
        self._allow_parameter(keeper, names.ORIGIN_LOCK, "PutParameter", "DeleteParameter")
        return self._resource("OriginLock", keeper)

    def _key_value_store(self) -> cloudfront.KeyValueStore:
        store = cloudfront.KeyValueStore(
            self, "Store", key_value_store_name=names.EDGE_STORE, comment="htmlgame thresholds"
        )
        ssm.StringParameter(
            self,
            "StoreArn",
            parameter_name=names.EDGE_STORE_ARN,
            string_value=store.key_value_store_arn,
        )
        return store

    def _entries(self) -> CustomResource:
        settings = StoreSettings(store_arn=self._store.key_value_store_arn)
        keeper = self._function("StoreKeeper", functions.STORE_KEEPER, settings)
        keeper.add_to_role_policy(self._writing_the_store())
        entries = json.dumps(edge_entries(self._games), separators=(",", ":"), sort_keys=True)
        return self._resource("Entries", keeper, Entries=entries)

    def _writing_the_store(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=[
                "cloudfront-keyvaluestore:DescribeKeyValueStore",
                "cloudfront-keyvaluestore:ListKeys",
                "cloudfront-keyvaluestore:UpdateKeys",
            ],
            resources=self._only(self._store.key_value_store_arn),
        )

    def _only(self, *arns: str) -> list[str]:
        """The emulator does not tell which store or function a call is about: it asks for all."""
        return ["*"] if self._environment.is_local else list(arns)

    def _publish(self) -> dict[str, EdgeFunction]:
        return {
            source: EdgeFunction(self, name, name=name, source=source, store=self._store)
            for source, name in (
                ("get_start", names.GET_START),
                ("get_end", names.GET_END),
                ("validate", names.VALIDATE),
            )
        }

    def _patch_settings(self) -> PatchSettings:
        self._backups = s3.Bucket(
            self,
            "Backups",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not self._environment.is_local,  # the emulator speaks plain HTTP
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(90))],
            # Retained even by a rollback: the patch may have put its backup in before it failed.
            removal_policy=(
                RemovalPolicy.RETAIN if self._environment.keep_data else RemovalPolicy.DESTROY
            ),
        )
        acknowledge(self._backups, _ACCEPTED_OF_BACKUPS)
        rankings = cloudfront.CachePolicy(
            self,
            "RankingCache",
            cache_policy_name=names.RANKING_CACHE,
            comment="By path and limit: a player's cookie must not split the cache",
            min_ttl=Duration.seconds(0),
            default_ttl=Duration.seconds(0),
            max_ttl=Duration.hours(1),
            query_string_behavior=cloudfront.CacheQueryStringBehavior.allow_list("limit"),
            enable_accept_encoding_gzip=True,
            enable_accept_encoding_brotli=True,
        )
        return PatchSettings(
            distribution_id=self._distribution_id,
            backup_bucket=self._backups.bucket_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
            scores_endpoint_parameter=names.SCORE_API_ENDPOINT,
            telemetry_endpoint_parameter=(
                names.TELEMETRY_API_ENDPOINT if self._environment.telemetry else ""
            ),
            api_base_path=paths.API_BASE_PATH,
            get_start=self._edge_functions["get_start"].function_arn,
            get_end=self._edge_functions["get_end"].function_arn,
            validate=self._edge_functions["validate"].function_arn,
            ranking_cache_policy=rankings.cache_policy_id,
        )

    def _patch(self, settings: PatchSettings) -> CustomResource:
        patcher = self._function(
            "DistributionPatch",
            functions.DISTRIBUTION_PATCH,
            settings,
            minutes=14,  # a removal waits for CloudFront; the framework around it has 15
        )
        self._allow_distribution(patcher, "GetDistribution")
        self._allow_patching(patcher)
        endpoints = {
            f"Endpoint{number or ''}": ssm.StringParameter.value_for_string_parameter(self, name)
            for number, name in enumerate(self._endpoints)
        }
        # CloudFormation updates a resource only where a property changes.
        return self._resource("Patch", patcher, **endpoints, **settings.to_environment())

    @property
    def _endpoints(self) -> list[str]:
        telemetry = [names.TELEMETRY_API_ENDPOINT] if self._environment.telemetry else []
        return [names.SCORE_API_ENDPOINT, *telemetry]

    def _allow_patching(self, function: PythonFunction) -> None:
        grant_distribution(function, self._environment.distribution_grants)
        self._allow_distribution(function, "GetDistributionConfig", "UpdateDistribution")
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["cloudfront:DescribeFunction"],
                resources=self._only(*(e.function_arn for e in self._edge_functions.values())),
            )
        )
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["s3:PutObject"],
                resources=[self._backups.arn_for_objects("*")],
            )
        )
        backups = self.get_logical_id(cast("CfnElement", self._backups.node.default_child))
        acknowledge(
            self.node.find_child(f"{function.node.id}Role"),
            {f"AwsSolutions-IAM5[Resource::<{backups}.Arn>/*]": "Every backup has its own name."},
        )
        function.allow_reading_together(names.ORIGIN_LOCK, *self._endpoints)

    def _allow_distribution(self, function: PythonFunction, *actions: str) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=[f"cloudfront:{each}" for each in actions],
                resources=[self._cloudfront_arn("distribution", self._distribution_id)],
            )
        )

    def _drift_guard(self, settings: PatchSettings) -> PythonFunction:
        guard = self._function("DriftGuard", functions.DRIFT_GUARD, settings, minutes=5)
        self._allow_patching(guard)
        target = targets.LambdaFunction(guard)
        events.Rule(
            self, "Hourly", schedule=events.Schedule.rate(Duration.hours(1)), targets=[target]
        )
        events.Rule(
            self,
            "AfterDeploys",
            description="Any stack may be the one that owns the distribution",
            event_pattern=events.EventPattern(
                source=["aws.cloudformation"],
                detail_type=["CloudFormation Stack Status Change"],
                detail={"status-details": {"status": _MAY_HAVE_WIPED_US}},
            ),
            targets=[target],
        )
        return guard

    def _rotation(self, guard: PythonFunction) -> None:
        settings = RotationSettings(
            store_arn=self._store.key_value_store_arn,
            origin_lock_parameter=names.ORIGIN_LOCK,
            guard_function=names.DRIFT_GUARD,
            rest_seconds=rotation_rest_seconds(self._games),
            propagation_seconds=0 if self._environment.is_local else 30,
        )
        rotate = self._function("RotateKeys", functions.ROTATE_KEYS, settings)
        rotate.add_to_role_policy(self._writing_the_store())
        self._allow_parameter(rotate, names.ORIGIN_LOCK, "GetParameter", "PutParameter")
        rotate.add_to_role_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[guard.function_arn])
        )
        events.Rule(
            self,
            "Monthly",
            schedule=events.Schedule.rate(Duration.days(30)),
            targets=[targets.LambdaFunction(rotate)],
        )

    def _let_trim_publish_thresholds(self) -> None:
        """The grant lives where the store is; without this stack there is nothing to write."""
        role = iam.Role.from_role_name(
            self, "TrimRole", names.function_role(names.TRIM_TOP, self.region)
        )
        iam.Policy(self, "PublishThresholds", roles=[role], statements=[self._writing_the_store()])

    def _resource(self, id: str, handler: PythonFunction, **properties: str) -> CustomResource:
        provider = Provider(self, f"{id}Provider", handler=handler, environment=self._environment)
        return CustomResource(
            self, id, service_token=provider.service_token, properties=properties or None
        )

    def _allow_parameter(self, function: PythonFunction, parameter: str, *actions: str) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=[f"ssm:{action}" for action in actions],
                resources=[
                    self.format_arn(
                        service="ssm",
                        resource="parameter",
                        resource_name=parameter.removeprefix("/"),
                        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
                    )
                ],
            )
        )

    def _cloudfront_arn(self, resource: str, name: str) -> str:
        return self.format_arn(
            service="cloudfront", region="", resource=resource, resource_name=name
        )


_MAY_HAVE_WIPED_US = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]

_ACCEPTED_OF_BACKUPS = {
    "AwsSolutions-S1": "A few configs a month, written by one function; nobody reads them but you.",
}
