"""InsightsStack: every request counted by function, and the API users who may ask about them."""

from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import (
    CALLERS,
    GRANTS,
    HERE,
    LOCK,
    Api,
    Bucket,
    CustomResource,
    Function,
    Json,
    Route,
    Row,
    Table,
    allow,
    check_the_lock,
    function,
    published,
)
from tests.stacks.policies import ACCOUNT, REGION

STACK: Final = "InsightsStack"
BUCKET: Final = "{Bucket.Arn}"
COUNTS: Final = "{InsightsTable.Arn}"
KEYS: Final = "{KeyTable.Arn}"
MINUTES: Final = "{MinuteTable.Arn}"
RAW: Final = ("logs", "AWSLogs")
"""CloudFront may put its files into the second, whatever the delivery names."""
LOG_GROUPS: Final = f"arn:aws:logs:{HERE}:log-group:/aws/lambda/htmlgame-*"
_READS: Final = "dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query dynamodb:Scan"
_CHANGES: Final = "dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem"


def rows(environment: Environment) -> Iterator[Row]:
    if not environment.insights:
        return
    for part in (
        _bucket(),
        Table(id="InsightsTable"),
        Table(id="KeyTable"),
        Table(id="MinuteTable", sorted=False, precious=False),
        _fold(),
        _aggregate(),
        _register(),
        _gather(),
        _insights(),
        _api(),
        CustomResource(
            id="Registry",
            provider="RegistryProvider",
            handler="insights-register",
            after=["FoldOnNewFiles", "GatherFromLogs"],
        ),
    ):
        yield from part.rows(STACK, environment)
    for name in ("Common", "Sandbox"):
        yield "AWS::Lambda::LayerVersion", f"{STACK} Libraries{name}", {}
    yield CALLERS, "htmlgame-insights-fold", [f"s3.amazonaws.com from {BUCKET} of {ACCOUNT}"]
    yield (
        CALLERS,
        "htmlgame-insights-gather",
        [f"logs.amazonaws.com from {LOG_GROUPS} of {ACCOUNT}"],
    )
    yield from _policies()
    yield from _catalogue()
    yield from published(
        {
            "/htmlgame/insights/api-endpoint": "{Api.ApiEndpoint}/prod",
            "/htmlgame/insights/bucket": "{Bucket}",
            "/htmlgame/insights/table": "{InsightsTable}",
            "/htmlgame/insights/key-table": "{KeyTable}",
            "/htmlgame/insights/minute-table": "{MinuteTable}",
        }
    )


def _bucket() -> Bucket:
    """Only CloudFront's deliveries in this account may write from outside."""
    delivers = (
        "if StringEquals s3:x-amz-acl=bucket-owner-full-control "
        f"if StringEquals aws:SourceAccount={ACCOUNT} "
        f"if ArnLike aws:SourceArn=arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:*"
    )
    return Bucket(
        id="Bucket",
        expires={"logs/": 3, "AWSLogs/": 3, "requests/": 90, "_unreadable/": 30, "_results/": 7},
        readers=[
            f"allow delivery.logs.amazonaws.com {line} {delivers}"
            for line in allow("s3:PutObject", *(f"{BUCKET}/{each}/*" for each in RAW))
        ],
    )


def _fold() -> Function:
    """Counts files and deletes them. It reads no row again."""
    return Function(
        id="Fold",
        name="insights-fold",
        module="insights.fold",
        may=[
            *allow("dynamodb:GetItem dynamodb:PutItem", COUNTS),
            *allow("s3:GetObject s3:DeleteObject", *(f"{BUCKET}/{each}/*" for each in RAW)),
            *allow("s3:PutObject", f"{BUCKET}/requests/*", f"{BUCKET}/_unreadable/*"),
            *allow("s3:ListBucket", BUCKET),
        ],
        settings={
            "INSIGHTS_BUCKET": "{Bucket}",
            "INSIGHTS_TABLE": "{InsightsTable}",
            "RAW_PREFIXES": "logs,AWSLogs",
            "ROWS_PREFIX": "requests",
            "UNREADABLE_PREFIX": "_unreadable",
        },
        timeout=300,
        events={
            "FoldTheRest": {
                "Description": "Counts the files whose notification was lost or failed",
                "ScheduleExpression": "rate(1 hour)",
            }
        },
    )


def _aggregate() -> Function:
    return Function(
        id="Aggregate",
        name="insights-aggregate",
        module="insights.aggregate",
        may=allow("dynamodb:Query dynamodb:PutItem", COUNTS),
        settings={"INSIGHTS_TABLE": "{InsightsTable}"},
        timeout=14 * 60,
        schedules={"AggregateDays": "cron(30 1 * * ? *)"},
    )


def _register() -> Function:
    """Lists the functions, subscribes to their logs, and has the bucket notify of new files."""
    ends = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]
    return Function(
        id="Register",
        name="insights-register",
        module="insights.register",
        may=[
            *allow("dynamodb:Query dynamodb:GetItem dynamodb:PutItem dynamodb:DeleteItem", COUNTS),
            *allow("s3:PutBucketNotification", BUCKET),
            *allow("logs:DescribeLogGroups", "*"),
            *allow(
                "logs:DescribeSubscriptionFilters logs:PutSubscriptionFilter "
                "logs:DeleteSubscriptionFilter",
                LOG_GROUPS,
            ),
        ],
        settings={
            "INSIGHTS_BUCKET": "{Bucket}",
            "INSIGHTS_TABLE": "{InsightsTable}",
            "RAW_PREFIXES": "logs,AWSLogs",
            "FOLD_ARN": function("insights-fold"),
            "GATHER_ARN": function("insights-gather"),
            "LOG_GROUPS": "/aws/lambda/htmlgame-",
            "OWN_LOG_GROUPS": "/aws/lambda/htmlgame-insights-",
        },
        timeout=120,
        events={
            "WatchLogs": {
                "Description": "A deploy may have made log groups",
                "EventPattern": {
                    "source": ["aws.cloudformation"],
                    "detail-type": ["CloudFormation Stack Status Change"],
                    "detail": {"status-details": {"status": ends}},
                },
            }
        },
    )


def _gather() -> Function:
    return Function(
        id="Gather",
        name="insights-gather",
        module="insights.gather",
        may=allow("dynamodb:GetItem dynamodb:PutItem", COUNTS),
        settings={"INSIGHTS_TABLE": "{InsightsTable}"},
    )


def _insights() -> Function:
    """Reads counts and rows, and manages API users. It changes no count."""
    return Function(
        id="Insights",
        name="insights-api",
        module="insights.api",
        may=[
            *allow("dynamodb:GetItem dynamodb:Query", COUNTS),
            *allow(
                "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem "
                "dynamodb:DeleteItem",
                KEYS,
            ),
            *allow("dynamodb:UpdateItem", MINUTES),
            *allow("s3:GetObject", f"{BUCKET}/requests/*"),
            *allow("s3:ListBucket", BUCKET),
            *check_the_lock(),
        ],
        settings={
            "INSIGHTS_BUCKET": "{Bucket}",
            "INSIGHTS_TABLE": "{InsightsTable}",
            "KEY_TABLE": "{KeyTable}",
            "MINUTE_TABLE": "{MinuteTable}",
            "ROWS_PREFIX": "requests",
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "INSIGHTS_PATH": "/api/insights",
        },
    )


def _api() -> Api:
    questions = ("functions", "functions/{fn}", "functions/{fn}/errors", "usage", "requests")
    users = (
        "GET users",
        "POST users",
        "GET users/{apiUser}",
        "PUT users/{apiUser}",
        "DELETE users/{apiUser}",
        "POST users/{apiUser}/keys",
        "DELETE users/{apiUser}/keys/{prefix}",
    )
    asked = [*(f"GET {each}" for each in questions), *users]
    return Api(
        name="insights",
        a_second=20,
        burst=40,
        routes=[
            *(
                Route(route=each.replace(" ", " /api/insights/"), function="insights-api")
                for each in asked
            ),
            *(Route(route=each, function="functions-api") for each in _FUNCTIONS),
        ],
    )


_FUNCTIONS: Final = tuple(
    f"{method} /api/functions/{{project}}{path}"
    for method, path in (
        ("GET", ""),
        ("GET", "/{function}"),
        ("PUT", "/{function}"),
        ("POST", "/{function}"),
        ("POST", "/{function}/activate"),
        ("GET", "/{function}/versions/{version}"),
        ("GET", "/{function}/runs"),
        ("POST", "/{function}/sessions"),
        ("GET", "/{function}/sessions/{requestId}"),
        ("POST", "/{function}/sessions/{requestId}"),
    )
)


def _policies() -> Iterator[Row]:
    """For people and tools. Nobody has them until someone attaches them."""
    workgroup = f"arn:aws:athena:{HERE}:workgroup/htmlgame-insights"
    glue = [
        f"arn:aws:glue:{HERE}:{each}"
        for each in ("catalog", "database/htmlgame_insights", "table/htmlgame_insights/*")
    ]
    reading = [
        *allow(_READS, COUNTS),
        *allow("s3:GetObject", f"{BUCKET}/requests/*"),
        *allow("s3:GetObject s3:PutObject s3:AbortMultipartUpload", f"{BUCKET}/_results/*"),
        *allow("s3:ListBucket s3:GetBucketLocation", BUCKET),
        *allow(
            "athena:GetWorkGroup athena:StartQueryExecution athena:StopQueryExecution "
            "athena:GetQueryExecution athena:GetQueryResults",
            workgroup,
        ),
        *allow("glue:GetDatabase glue:GetTable glue:GetTables glue:GetPartitions", *glue),
    ]
    changing = [
        *allow(_CHANGES, COUNTS),
        *allow(f"{_READS} {_CHANGES}", KEYS),
        *allow("s3:GetObject s3:PutObject s3:DeleteObject", f"{BUCKET}/*"),
    ]
    for own, name, may in (
        ("Readonly", "readonly", reading),
        ("Admin", "admin", [*reading, *changing]),
    ):
        named = f"htmlgame-insights-{name}-{REGION}"
        row = {"Description": "", "ManagedPolicyName": named, "Path": "/"}
        yield "AWS::IAM::ManagedPolicy", f"{STACK} {own}", row
        yield GRANTS, named, may


def _catalogue() -> Iterator[Row]:
    database, files = "htmlgame_insights", "s3://{Bucket}"
    row = {"CatalogId": ACCOUNT, "DatabaseInput": {"Name": database}}
    yield "AWS::Glue::Database", f"{STACK} CatalogueDatabase", row
    table = {
        "CatalogId": ACCOUNT,
        "DatabaseName": database,
        "TableInput": _requests(f"{files}/requests"),
        "after": ["CatalogueDatabase"],
    }
    yield "AWS::Glue::Table", f"{STACK} CatalogueTable", table
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10 * 1000**3,  # five cents
        "ResultConfiguration": {
            "OutputLocation": f"{files}/_results/",
            "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        },
    }
    group = {
        "Name": "htmlgame-insights",
        "RecursiveDeleteOption": True,
        "WorkGroupConfiguration": configuration,
    }
    yield "AWS::Athena::WorkGroup", f"{STACK} CatalogueWorkGroup", group


def _requests(location: str) -> Json:
    """A table whose partitions, one for each day, need no registration."""
    columns = {
        "id": "string",
        "ms": "bigint",
        "fn": "string",
        "route": "string",
        "status": "int",
        "duration": "double",
        "result": "string",
        "bytes": "bigint",
        "caller": "string",
        "error": "string",
        "memory_kb": "int",
        "cpu_ms": "double",
    }
    return {
        "Name": "requests",
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": "day", "Type": "string"}],
        "Parameters": {
            "EXTERNAL": "TRUE",
            "classification": "json",
            "projection.enabled": "true",
            "projection.day.type": "date",
            "projection.day.format": "yyyy-MM-dd",
            "projection.day.range": "2026-01-01,NOW",
            "storage.location.template": f"{location}/day=${{day}}/",
        },
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
            "Location": f"{location}/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
        },
    }
