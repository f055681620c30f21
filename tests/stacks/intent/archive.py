"""TelemetryStack's archive: every row of the stream in S3, by project and day, for Athena."""

from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import (
    GRANTS,
    HERE,
    Bucket,
    Function,
    Json,
    Row,
    allow,
    log_group,
    published,
    trusted_service,
)
from tests.stacks.intent.telemetry import CREATORS, READ_THE_STREAM, STACK, woken_by_the_stream
from tests.stacks.policies import ACCOUNT

BUCKET: Final = "{ArchiveBucket.Arn}"
FILED, ASIDE, UNREADABLE = (f"{BUCKET}/{each}*" for each in ("project=", "_aside/", "_unreadable/"))
STREAM: Final = "htmlgame-telemetry-archive"
_LOG: Final = f"/aws/kinesisfirehose/{STREAM}"


def rows(environment: Environment) -> Iterator[Row]:
    if not environment.telemetry:
        return
    for part in (_bucket(), _writer(), _returner(), _pruner()):
        yield from part.rows(STACK, environment)
    seconds = 1 if environment.local else 60
    yield woken_by_the_stream("telemetry-archive", batch=10_000, seconds=seconds)
    yield from _delivery(environment)
    yield from _catalogue()
    yield from published({"/htmlgame/telemetry/archive-bucket": "{ArchiveBucket}"})


def _bucket() -> Bucket:
    return Bucket(
        id="ArchiveBucket",
        expires={"project=": 365, "_aside/": 30, "_unreadable/": 30, "_results": 7},
    )


def _writer() -> Function:
    """Sends the stream's rows to Firehose."""
    return Function(
        id="ArchiveWriter",
        name="telemetry-archive",
        module="telemetry.feed_archive",
        may=[
            *READ_THE_STREAM,
            *allow("firehose:PutRecordBatch", f"arn:aws:firehose:{HERE}:deliverystream/{STREAM}"),
        ],
        settings={"ARCHIVE_STREAM": STREAM},
        timeout=120,
    )


def _returner() -> Function:
    """Files the records that Firehose set aside, and moves unreadable ones elsewhere."""
    return Function(
        id="ArchiveReturner",
        name="telemetry-archive-return",
        module="archive.bring_back",
        may=[
            *allow("s3:GetObject s3:DeleteObject", ASIDE),
            *allow("s3:PutObject", FILED, UNREADABLE),
            *allow("s3:ListBucket", BUCKET),
        ],
        settings={
            "ARCHIVE_BUCKET": "{ArchiveBucket}",
            "ASIDE_PREFIX": "_aside/",
            "UNREADABLE_PREFIX": "_unreadable/",
        },
        timeout=14 * 60,
        schedules={"ArchiveHourly": "cron(20 * * * ? *)"},
    )


def _pruner() -> Function:
    """Deletes the files of deleted projects. It reads no file."""
    return Function(
        id="ArchivePruner",
        name="telemetry-archive-prune",
        module="archive.prune",
        may=[
            *allow("dynamodb:GetItem", CREATORS),
            *allow("s3:DeleteObject", FILED),
            *allow("s3:ListBucket", BUCKET),
        ],
        settings={"ARCHIVE_BUCKET": "{ArchiveBucket}", "CREATOR_TABLE": "{CreatorTable}"},
        timeout=14 * 60,
        schedules={"ArchiveDaily": "cron(40 3 * * ? *)"},
    )


def _delivery(environment: Environment) -> Iterator[Row]:
    """Firehose and its role."""
    yield from log_group(STACK, "ArchiveDeliveryLogs", environment, _LOG)
    yield "AWS::Logs::LogStream", f"{STACK} ArchiveDeliveryLog", {"LogGroupName": _LOG}
    trust = {"AssumeRolePolicyDocument": trusted_service("firehose")}
    yield "AWS::IAM::Role", f"{STACK} ArchiveDeliveryRole", trust
    yield (
        GRANTS,
        f"{STACK} ArchiveDeliveryRole",
        [
            *allow("s3:PutObject s3:AbortMultipartUpload", FILED, ASIDE),
            *allow("s3:GetBucketLocation s3:ListBucket s3:ListBucketMultipartUploads", BUCKET),
            *allow("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:{_LOG}:*"),
        ],
    )
    row = {
        "DeliveryStreamName": STREAM,
        "DeliveryStreamType": "DirectPut",
        "DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"},
        "ExtendedS3DestinationConfiguration": _destination(environment),
    }
    yield "AWS::KinesisFirehose::DeliveryStream", f"{STACK} ArchiveDelivery", row


def _destination(environment: Environment) -> Json:
    """The emulator's Firehose compresses nothing."""
    return {
        "BucketARN": BUCKET,
        "RoleARN": "{ArchiveDeliveryRole.Arn}",
        "Prefix": "project=!{partitionKeyFromQuery:project}/day=!{partitionKeyFromQuery:day}/",
        "ErrorOutputPrefix": "_aside/!{firehose:error-output-type}/",
        "CompressionFormat": "UNCOMPRESSED" if environment.local else "GZIP",
        "FileExtension": ".json" if environment.local else ".json.gz",
        # 64 MB is the least that Firehose takes with dynamic partitioning.
        "BufferingHints": {"IntervalInSeconds": 300, "SizeInMBs": 64},
        "DynamicPartitioningConfiguration": {"Enabled": True},
        "ProcessingConfiguration": {
            "Enabled": True,
            "Processors": [
                _processor(
                    "MetadataExtraction",
                    MetadataExtractionQuery="{project: .project, day: .day}",
                    JsonParsingEngine="JQ-1.6",
                ),
                _processor("AppendDelimiterToRecord", Delimiter="\\n"),
            ],
        },
        "CloudWatchLoggingOptions": {
            "Enabled": True,
            "LogGroupName": _LOG,
            "LogStreamName": "{ArchiveDeliveryLog}",
        },
    }


def _processor(kind: str, **parameters: str) -> Json:
    named = [{"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()]
    return {"Type": kind, "Parameters": named}


def _catalogue() -> Iterator[Row]:
    database, files = "htmlgame_telemetry", "s3://{ArchiveBucket}"
    row = {"CatalogId": ACCOUNT, "DatabaseInput": {"Name": database}}
    yield "AWS::Glue::Database", f"{STACK} ArchiveCatalogueDatabase", row
    of_it = {"CatalogId": ACCOUNT, "DatabaseName": database}
    over_the_files = {**of_it, "TableInput": _files(files), "after": ["ArchiveCatalogueDatabase"]}
    yield "AWS::Glue::Table", f"{STACK} ArchiveCatalogueTable", over_the_files
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10 * 1000**3,  # five cents
        "ResultConfiguration": {
            "OutputLocation": f"{files}/_results/",
            "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        },
    }
    group = {
        "Name": "htmlgame-telemetry",
        "RecursiveDeleteOption": True,
        "WorkGroupConfiguration": configuration,
    }
    yield "AWS::Athena::WorkGroup", f"{STACK} ArchiveCatalogueWorkGroup", group


def _files(location: str) -> Json:
    """A table whose partitions, one for each project and day, need no registration."""
    columns = {
        "kind": "string",
        "id": "string",
        "session": "string",
        "ms": "bigint",
        "name": "string",
        "score": "bigint",
        "data": "string",
    }
    return {
        "Name": "telemetry",
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": _columns({"project": "string", "day": "string"}),
        "Parameters": {
            "EXTERNAL": "TRUE",
            "classification": "json",
            "projection.enabled": "true",
            "projection.project.type": "injected",
            "projection.day.type": "date",
            "projection.day.format": "yyyy-MM-dd",
            "projection.day.range": "2026-01-01,NOW",
            "storage.location.template": f"{location}/project=${{project}}/day=${{day}}/",
        },
        "StorageDescriptor": {
            "Columns": _columns(columns),
            "Location": f"{location}/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
        },
    }


def _columns(types: dict[str, str]) -> Json:
    return [{"Name": name, "Type": kind} for name, kind in types.items()]
