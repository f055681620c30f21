"""Builds the archive: fed by a table's stream, so that requests pay nothing for it."""

from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_s3 as s3

from config.capabilities import archive
from config.capabilities.archive import Archive
from lambdas.archive.settings import ArchivePruneSettings, ArchiveReturnSettings
from lambdas.telemetry.settings import ArchiveSettings
from stacks.archive.bucket import ASIDE, UNREADABLE, allow_objects, archive_bucket
from stacks.archive.catalogue import ArchiveCatalogue
from stacks.archive.delivery import delivery_stream
from stacks.shared.capability_stack import CapabilityStack


def build(stack: CapabilityStack) -> None:
    scope = stack.scope(archive.FEED.scope)
    bucket = archive_bucket(scope, stack.settings)
    _feed(stack, delivery_stream(scope, bucket, stack.settings))
    _bring_back(stack, bucket)
    _prune(stack, bucket)
    ArchiveCatalogue(scope, "Catalogue", location=f"s3://{bucket.bucket_name}")


def _feed(stack: CapabilityStack, delivery: firehose.CfnDeliveryStream) -> None:
    feed = stack.function(archive.FEED, ArchiveSettings(archive_stream=delivery.ref))
    feed.allow(["firehose:PutRecordBatch"], delivery.attr_arn)
    stack.read_stream(
        feed,
        "sessions",
        batch_size=10_000,
        window_seconds=stack.settings.settings(Archive).batch_seconds,
    )


def _bring_back(stack: CapabilityStack, bucket: s3.Bucket) -> None:
    function = stack.function(
        archive.BRING_BACK,
        ArchiveReturnSettings(
            archive_bucket=bucket.bucket_name,
            aside_prefix=ASIDE,
            unreadable_prefix=UNREADABLE,
        ),
    )
    allow_objects(function, bucket, f"{ASIDE}*", "s3:GetObject", "s3:DeleteObject")
    for objects in ("project=*", f"{UNREADABLE}*"):
        allow_objects(function, bucket, objects, "s3:PutObject")
    function.allow(["s3:ListBucket"], bucket.bucket_arn)


def _prune(stack: CapabilityStack, bucket: s3.Bucket) -> None:
    projects = stack.table("projects")
    function = stack.function(
        archive.PRUNE,
        ArchivePruneSettings(archive_bucket=bucket.bucket_name, creator_table=projects.table_name),
    )
    projects.grant(function, "dynamodb:GetItem")
    allow_objects(function, bucket, "project=*", "s3:DeleteObject")
    function.allow(["s3:ListBucket"], bucket.bucket_arn)
