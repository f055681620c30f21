"""All that is told, kept in S3 for Athena: fed by the table's stream, so ingest pays nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from aws_cdk import Aws, CfnElement, Duration, RemovalPolicy, Stack
from aws_cdk import aws_athena as athena
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from aws_cdk.aws_lambda_event_sources import DynamoEventSource
from constructs import Construct

from config import functions, names
from config.archive_queries import archive_queries
from config.environments import Environment, Telemetry
from lambdas.telemetry.settings import ArchivePruneSettings, ArchiveSettings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.house_table import HouseTable
from stacks.constructs.libraries import Libraries
from stacks.constructs.python_function import PythonFunction

_RESULTS = "_results"
_MOST_SCANNED = 10 * 1000**3
"""Bytes; a query that would scan more is stopped at five cents."""
_COLUMNS = {
    "kind": "string",
    "id": "string",
    "session": "string",
    "ms": "bigint",
    "name": "string",
    "score": "bigint",
    "data": "string",
}


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
        self._writer(telemetry_table, filters)
        self._pruner(creator_table)
        self._catalogue()

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
                s3.LifecycleRule(prefix=_RESULTS, expiration=Duration.days(7)),
            ],
            removal_policy=(
                RemovalPolicy.RETAIN if environment.keep_data else RemovalPolicy.DESTROY
            ),
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

    def _writer(self, table: HouseTable, filters: Sequence[Mapping[str, Any]]) -> None:
        writer = PythonFunction(
            self,
            "Writer",
            function=functions.ARCHIVE,
            settings=ArchiveSettings(archive_bucket=self._bucket.bucket_name),
            environment=self._environment,
            libraries=self._libraries,
            timeout=Duration.minutes(2),
        )
        self._allow(writer, "project=*", "s3:PutObject")
        writer.add_event_source(
            DynamoEventSource(
                table,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=10_000,
                max_batching_window=Duration.seconds(self._telemetry.archive_window_seconds),
                bisect_batch_on_error=True,
                filters=filters,
            )
        )
        acknowledge(
            self.node.find_child("WriterRole"),
            {"AwsSolutions-IAM5[Resource::*]": "Streams cannot be listed one by one."},
        )

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
        pruner.add_to_role_policy(
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[self._bucket.bucket_arn])
        )
        events.Rule(
            self,
            "Daily",
            schedule=events.Schedule.cron(hour="3", minute="40"),
            targets=[targets.LambdaFunction(pruner)],
        )

    def _allow(self, function: PythonFunction, objects: str, action: str) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(actions=[action], resources=[self._bucket.arn_for_objects(objects)])
        )
        bucket = Stack.of(self).get_logical_id(cast("CfnElement", self._bucket.node.default_child))
        acknowledge(
            self.node.find_child(f"{function.node.id}Role"),
            {
                f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/{objects}]": "Projects come and go "
                "without a deploy."
            },
        )

    def _catalogue(self) -> None:
        location = f"s3://{self._bucket.bucket_name}"
        self._table_over(location)
        workgroup = self._workgroup(f"{location}/{_RESULTS}/")
        if not self._environment.is_local:  # whose CloudFormation knows no named queries
            self._name_queries(workgroup)

    def _table_over(self, location: str) -> None:
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=names.ARCHIVE_DATABASE),
        )
        table = glue.CfnTable(
            self,
            "Table",
            catalog_id=Aws.ACCOUNT_ID,
            database_name=names.ARCHIVE_DATABASE,
            table_input=glue.CfnTable.TableInputProperty(
                name=names.ARCHIVE_TABLE,
                table_type="EXTERNAL_TABLE",
                partition_keys=_columns({"project": "string", "day": "string"}),
                # Partitions are reckoned, not registered: nobody has to tell Glue of a new day.
                parameters={
                    "EXTERNAL": "TRUE",
                    "classification": "json",
                    "projection.enabled": "true",
                    "projection.project.type": "injected",
                    "projection.day.type": "date",
                    "projection.day.format": "yyyy-MM-dd",
                    "projection.day.range": "2026-01-01,NOW",
                    "storage.location.template": f"{location}/project=${{project}}/day=${{day}}/",
                },
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    location=f"{location}/",
                    columns=_columns(_COLUMNS),
                    input_format="org.apache.hadoop.mapred.TextInputFormat",
                    output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    serde_info=glue.CfnTable.SerdeInfoProperty(
                        serialization_library="org.openx.data.jsonserde.JsonSerDe"
                    ),
                ),
            ),
        )
        table.add_resource_dependency(database)

    def _workgroup(self, results: str) -> athena.CfnWorkGroup:
        return athena.CfnWorkGroup(
            self,
            "WorkGroup",
            name=names.ARCHIVE_WORKGROUP,
            recursive_delete_option=True,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                bytes_scanned_cutoff_per_query=_MOST_SCANNED,
                enforce_work_group_configuration=True,
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=results,
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_S3"
                    ),
                ),
            ),
        )

    def _name_queries(self, workgroup: athena.CfnWorkGroup) -> None:
        for number, query in enumerate(archive_queries()):
            named = athena.CfnNamedQuery(
                self,
                f"Query{number}",
                name=query.name,
                description=query.what,
                database=names.ARCHIVE_DATABASE,
                query_string=query.sql,
                work_group=names.ARCHIVE_WORKGROUP,
            )
            named.add_resource_dependency(workgroup)


def _columns(types: Mapping[str, str]) -> list[glue.CfnTable.ColumnProperty]:
    return [glue.CfnTable.ColumnProperty(name=name, type=each) for name, each in types.items()]
