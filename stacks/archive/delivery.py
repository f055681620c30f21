"""The Firehose stream that sorts records into the archive's folders."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from config.capabilities import archive
from config.capabilities.archive import Archive
from config.environments import Environment
from stacks.archive.bucket import ASIDE, acknowledge_objects
from stacks.shared.python_function import retention

_GATHERED_MB = 64
"""For each project and day; Firehose sorts no smaller buffers."""
_Stream = firehose.CfnDeliveryStream


def delivery_stream(
    scope: Construct, bucket: s3.Bucket, environment: Environment
) -> firehose.CfnDeliveryStream:
    """Each record names its project and day, which decide its folder."""
    log_group = logs.LogGroup(
        scope,
        "DeliveryLogs",
        log_group_name=f"/aws/kinesisfirehose/{archive.STREAM}",
        retention=retention(environment.log_days),
        removal_policy=RemovalPolicy.DESTROY,
    )
    return _Stream(
        scope,
        "Delivery",
        delivery_stream_name=archive.STREAM,
        delivery_stream_type="DirectPut",
        delivery_stream_encryption_configuration_input=(
            _Stream.DeliveryStreamEncryptionConfigurationInputProperty(key_type="AWS_OWNED_CMK")
        ),
        extended_s3_destination_configuration=_destination(
            bucket, _role(scope, bucket, log_group), _log(scope, log_group), environment
        ),
    )


def _destination(
    bucket: s3.Bucket,
    role: iam.Role,
    log: firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty,
    environment: Environment,
) -> firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty:
    local = environment.is_local  # the emulator's Firehose compresses nothing
    return _Stream.ExtendedS3DestinationConfigurationProperty(
        bucket_arn=bucket.bucket_arn,
        role_arn=role.role_arn,
        prefix="project=!{partitionKeyFromQuery:project}/day=!{partitionKeyFromQuery:day}/",
        error_output_prefix=f"{ASIDE}!{{firehose:error-output-type}}/",
        compression_format="UNCOMPRESSED" if local else "GZIP",
        file_extension=".json" if local else ".json.gz",
        buffering_hints=_Stream.BufferingHintsProperty(
            interval_in_seconds=environment.settings(Archive).window_seconds,
            size_in_m_bs=_GATHERED_MB,
        ),
        dynamic_partitioning_configuration=_Stream.DynamicPartitioningConfigurationProperty(
            enabled=True
        ),
        processing_configuration=_Stream.ProcessingConfigurationProperty(
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
        cloud_watch_logging_options=log,
    )


def _log(
    scope: Construct, log_group: logs.LogGroup
) -> firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty:
    log = logs.LogStream(
        scope, "DeliveryLog", log_group=log_group, removal_policy=RemovalPolicy.DESTROY
    )
    return _Stream.CloudWatchLoggingOptionsProperty(
        enabled=True,
        log_group_name=log_group.log_group_name,
        log_stream_name=log.log_stream_name,
    )


def _role(scope: Construct, bucket: s3.Bucket, log_group: logs.LogGroup) -> iam.Role:
    objects = ("project=*", f"{ASIDE}*")
    allowed = [
        iam.PolicyStatement(
            actions=["s3:PutObject", "s3:AbortMultipartUpload"],
            resources=[bucket.arn_for_objects(each) for each in objects],
        ),
        iam.PolicyStatement(
            actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            resources=[bucket.bucket_arn],
        ),
        iam.PolicyStatement(actions=["logs:PutLogEvents"], resources=[log_group.log_group_arn]),
    ]
    role = iam.Role(
        scope,
        "DeliveryRole",
        assumed_by=iam.ServicePrincipal("firehose.amazonaws.com"),
        inline_policies={"Delivery": iam.PolicyDocument(statements=allowed)},
    )
    acknowledge_objects(role, bucket, *objects)
    return role


def _processor(kind: str, **parameters: str) -> firehose.CfnDeliveryStream.ProcessorProperty:
    return _Stream.ProcessorProperty(
        type=kind,
        parameters=[
            _Stream.ProcessorParameterProperty(parameter_name=name, parameter_value=value)
            for name, value in parameters.items()
        ],
    )
