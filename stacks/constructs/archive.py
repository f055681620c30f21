"""All that is told, kept in S3 for Athena: fed by the table's stream, so ingest pays nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from aws_cdk import CfnElement, Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from aws_cdk.aws_lambda_event_sources import DynamoEventSource
from constructs import Construct

from config import functions, names
from config.environments import Environment
from config.telemetry import Telemetry
from lambdas.archive.settings import ArchivePruneSettings, ArchiveReturnSettings
from lambdas.telemetry.settings import ArchiveSettings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.archive_catalogue import RESULTS, ArchiveCatalogue
from stacks.constructs.house_stack import outlives_its_stack
from stacks.constructs.house_table import HouseTable
from stacks.constructs.libraries import Libraries
from stacks.constructs.python_function import PythonFunction, retention

_ASIDE = "_aside/"
_UNREADABLE = "_unreadable/"
_KEPT_ASIDE_DAYS = 30
_GATHERED_MB = 64
"""Of a project and day; the least that Firehose sorts in."""


class Archive(Construct):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        environment: Environment,
        telemetry: Telemetry,
        libraries: Libraries,
        telemetry_table: HouseTable,
        creator_table: HouseTable,
        filters: Sequence[Mapping[str, Any]],
    ) -> None:
        super().__init__(scope, id)
        self._environment = environment
        self._telemetry = telemetry
        self._libraries = libraries
        self._bucket = self._archive_bucket()
        self._writer(self._delivery(), telemetry_table, filters)
        self._returner()
        self._pruner(creator_table)
        ArchiveCatalogue(self, "Catalogue", location=f"s3://{self._bucket.bucket_name}")

    def _archive_bucket(self) -> s3.Bucket:
        environment = self._environment
        bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not environment.is_local,  # the emulator speaks plain HTTP
            lifecycle_rules=[
                s3.LifecycleRule(
                    prefix="project=", expiration=Duration.days(self._telemetry.archive_days)
                ),
                *(
                    s3.LifecycleRule(prefix=each, expiration=Duration.days(_KEPT_ASIDE_DAYS))
                    for each in (_ASIDE, _UNREADABLE)
                ),
                s3.LifecycleRule(prefix=RESULTS, expiration=Duration.days(7)),
            ],
            removal_policy=outlives_its_stack(environment),
        )
        acknowledge(
            bucket,
            {
                "AwsSolutions-S1": "A log of who reads it is billed by the request; CloudTrail "
                "keeps one where it is wanted."
            },
        )
        ssm.StringParameter(
            self,
            "BucketName",
            parameter_name=names.ARCHIVE_BUCKET,
            string_value=bucket.bucket_name,
        )
        return bucket

    def _delivery(self) -> firehose.CfnDeliveryStream:
        """Each record's own project and day say into which folder it goes."""
        local = self._environment.is_local  # whose Firehose compresses nothing
        log_group = logs.LogGroup(
            self,
            "DeliveryLogs",
            log_group_name=f"/aws/kinesisfirehose/{names.ARCHIVE_STREAM}",
            retention=retention(self._environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        log = logs.LogStream(
            self, "DeliveryLog", log_group=log_group, removal_policy=RemovalPolicy.DESTROY
        )
        stream = firehose.CfnDeliveryStream
        return stream(
            self,
            "Delivery",
            delivery_stream_name=names.ARCHIVE_STREAM,
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=(
                stream.DeliveryStreamEncryptionConfigurationInputProperty(key_type="AWS_OWNED_CMK")
            ),
            extended_s3_destination_configuration=stream.ExtendedS3DestinationConfigurationProperty(
                bucket_arn=self._bucket.bucket_arn,
                role_arn=self._delivery_role(log_group).role_arn,
                prefix="project=!{partitionKeyFromQuery:project}/day=!{partitionKeyFromQuery:day}/",
                error_output_prefix=f"{_ASIDE}!{{firehose:error-output-type}}/",
                compression_format="UNCOMPRESSED" if local else "GZIP",
                file_extension=".json" if local else ".json.gz",
                buffering_hints=stream.BufferingHintsProperty(
                    interval_in_seconds=self._telemetry.archive_window_seconds,
                    size_in_m_bs=_GATHERED_MB,
                ),
                dynamic_partitioning_configuration=stream.DynamicPartitioningConfigurationProperty(
                    enabled=True
                ),
                processing_configuration=stream.ProcessingConfigurationProperty(
                    enabled=True,
                    processors=[
                        _processor(
                            "MetadataExtraction",
                            MetadataExtractionQuery="{project: .project, day: .day}",
                            JsonParsingEngine="JQ-1.6",
                        ),
                        _processor("AppendDelimiterToRecord", Delimiter="\\n"),
                    ],
                ),
                cloud_watch_logging_options=stream.CloudWatchLoggingOptionsProperty(
                    enabled=True,
                    log_group_name=log_group.log_group_name,
                    log_stream_name=log.log_stream_name,
                ),
            ),
        )

    def _delivery_role(self, log_group: logs.LogGroup) -> iam.Role:
        bucket = self._bucket
        writes = [bucket.arn_for_objects(each) for each in ("project=*", f"{_ASIDE}*")]
        allowed = [
            iam.PolicyStatement(
                actions=["s3:PutObject", "s3:AbortMultipartUpload"], resources=writes
            ),
            iam.PolicyStatement(
                actions=[
                    "s3:GetBucketLocation",
                    "s3:ListBucket",
                    "s3:ListBucketMultipartUploads",
                ],
                resources=[bucket.bucket_arn],
            ),
            iam.PolicyStatement(actions=["logs:PutLogEvents"], resources=[log_group.log_group_arn]),
        ]
        role = iam.Role(
            self,
            "DeliveryRole",
            assumed_by=iam.ServicePrincipal("firehose.amazonaws.com"),
            inline_policies={"Delivery": iam.PolicyDocument(statements=allowed)},
        )
        self._acknowledge_objects("DeliveryRole", "project=*", f"{_ASIDE}*")
        return role

    def _writer(
        self,
        stream: firehose.CfnDeliveryStream,
        table: HouseTable,
        filters: Sequence[Mapping[str, Any]],
    ) -> None:
        writer = PythonFunction(
            self,
            "Writer",
            function=functions.ARCHIVE,
            settings=ArchiveSettings(archive_stream=stream.ref),
            environment=self._environment,
            libraries=self._libraries,
            timeout=Duration.minutes(2),
        )
        writer.add_to_role_policy(
            iam.PolicyStatement(actions=["firehose:PutRecordBatch"], resources=[stream.attr_arn])
        )
        writer.add_event_source(
            DynamoEventSource(
                table,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=10_000,
                max_batching_window=Duration.seconds(self._telemetry.archive_batch_seconds),
                bisect_batch_on_error=True,
                filters=filters,
            )
        )
        acknowledge(
            self.node.find_child("WriterRole"),
            {"AwsSolutions-IAM5[Resource::*]": "Streams cannot be listed one by one."},
        )

    def _returner(self) -> None:
        returner = PythonFunction(
            self,
            "Returner",
            function=functions.ARCHIVE_RETURN,
            settings=ArchiveReturnSettings(
                archive_bucket=self._bucket.bucket_name,
                aside_prefix=_ASIDE,
                unreadable_prefix=_UNREADABLE,
            ),
            environment=self._environment,
            libraries=self._libraries,
            timeout=Duration.minutes(14),
        )
        self._allow(returner, f"{_ASIDE}*", "s3:GetObject", "s3:DeleteObject")
        for objects in ("project=*", f"{_UNREADABLE}*"):
            self._allow(returner, objects, "s3:PutObject")
        self._allow_listing(returner)
        self._on(returner, "Hourly", events.Schedule.cron(minute="20"))

    def _pruner(self, creator_table: HouseTable) -> None:
        pruner = PythonFunction(
            self,
            "Pruner",
            function=functions.ARCHIVE_PRUNE,
            settings=ArchivePruneSettings(
                archive_bucket=self._bucket.bucket_name, creator_table=creator_table.table_name
            ),
            environment=self._environment,
            libraries=self._libraries,
            timeout=Duration.minutes(14),
        )
        creator_table.grant(pruner, "dynamodb:GetItem")
        self._allow(pruner, "project=*", "s3:DeleteObject")
        self._allow_listing(pruner)
        self._on(pruner, "Daily", events.Schedule.cron(hour="3", minute="40"))

    def _on(self, function: PythonFunction, id: str, schedule: events.Schedule) -> None:
        events.Rule(self, id, schedule=schedule, targets=[targets.LambdaFunction(function)])

    def _allow_listing(self, function: PythonFunction) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[self._bucket.bucket_arn])
        )

    def _allow(self, function: PythonFunction, objects: str, *actions: str) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=list(actions), resources=[self._bucket.arn_for_objects(objects)]
            )
        )
        self._acknowledge_objects(f"{function.node.id}Role", objects)

    def _acknowledge_objects(self, role: str, *objects: str) -> None:
        bucket = Stack.of(self).get_logical_id(cast("CfnElement", self._bucket.node.default_child))
        acknowledge(
            self.node.find_child(role),
            {
                f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/{each}]": "Projects come and go "
                "without a deploy."
                for each in objects
            },
        )


def _processor(kind: str, **parameters: str) -> firehose.CfnDeliveryStream.ProcessorProperty:
    return firehose.CfnDeliveryStream.ProcessorProperty(
        type=kind,
        parameters=[
            firehose.CfnDeliveryStream.ProcessorParameterProperty(
                parameter_name=name, parameter_value=value
            )
            for name, value in parameters.items()
        ],
    )
