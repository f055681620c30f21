"""The tables, their recovery and expiry."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from operations.cli.output import counted
from operations.findings import Broken
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.check import check
from operations.verify_aws.needs import on_aws


@check(
    "tables",
    claim="Every table is billed on demand, and protected as its template says.",
    laptop="The emulator bills nothing and lets everybody delete a table.",
    good="On demand, with deletion protection on every table that keeps data.",
)
def tables(account: Account) -> str:
    found = list(_described(account))
    problems = [problem for table, live in found for problem in _unfit(table, live)]
    if problems:
        raise Broken("; ".join(problems), _UNDO)
    protected = sum(live.get("DeletionProtectionEnabled", False) for _, live in found)
    return f"{counted(len(found), 'table')} on demand, {protected} protected from deletion"


_UNDO = "undo it with aws dynamodb update-table; a deploy changes what the template changes"


def _tables(account: Account) -> list[Resource]:
    return account.resources("AWS::DynamoDB::Table")


def _described(account: Account) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    client = account.client("dynamodb")
    for table in _tables(account):
        yield table, client.describe_table(TableName=table.physical_id)["Table"]


def _unfit(table: Resource, live: Mapping[str, Any]) -> Iterator[str]:
    name = table.physical_id
    if live["TableStatus"] not in {"ACTIVE", "UPDATING"}:
        yield f"{name} is {live['TableStatus']}"
    if live.get("BillingModeSummary", {}).get("BillingMode") != "PAY_PER_REQUEST":
        yield f"{name} is billed by provisioned capacity"
    if table.properties.get("DeletionProtectionEnabled", False) and not live.get(
        "DeletionProtectionEnabled"
    ):
        yield f"{name} may be deleted"
    if "StreamSpecification" in table.properties and "StreamSpecification" not in live:
        yield f"{name} has lost its stream"


@check(
    "recovery and expiry",
    claim="Tables that keep data can be restored to any second, and expired items are deleted.",
    laptop="The emulator's CloudFormation leaves out a table's TTL and point-in-time recovery.",
    good="Both are enabled on every table whose template asks for them.",
    needs=(on_aws("deploys no TTL and no point-in-time recovery"),),
)
def recovery_and_expiry(account: Account) -> str:
    problems = [problem for table in _tables(account) for problem in _forgetful(account, table)]
    if problems:
        raise Broken(
            "; ".join(problems),
            "undo it with aws dynamodb update-continuous-backups or update-time-to-live",
        )
    return f"{counted(len(_tables(account)), 'table')} as their templates say"


def _forgetful(account: Account, table: Resource) -> Iterator[str]:
    client, name = account.client("dynamodb"), table.physical_id
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    if _wants_recovery(table) and recovery != "ENABLED":
        yield f"{name} has no point-in-time recovery"
    wanted = table.properties.get("TimeToLiveSpecification", {}).get("AttributeName")
    live = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    enabled = live["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}
    if wanted is not None and (not enabled or live.get("AttributeName") != wanted):
        yield f"{name} does not expire items by {wanted!r}"


def _wants_recovery(table: Resource) -> bool:
    wanted = table.properties.get("PointInTimeRecoverySpecification", {})
    return bool(wanted.get("PointInTimeRecoveryEnabled"))


@check(
    "append-only records",
    claim="No principal may change or delete a record of an audit.",
    laptop="The emulator keeps no policy of a table; the local system reads it in the template.",
    good="The policy of each table with an audit. No deploy puts back one that was taken away.",
    needs=(on_aws("keeps no policy of a table"),),
)
def append_only_records(account: Account) -> str:
    tables = [each for each in _tables(account) if "ResourcePolicy" in each.properties]
    open_to_changes = [each.physical_id for each in tables if _allows_changes(account, each)]
    if open_to_changes:
        raise Broken(
            f"{', '.join(open_to_changes)} no longer denies changes of records",
            "aws cloudtrail lookup-events --lookup-attributes "
            "AttributeKey=EventName,AttributeValue=DeleteResourcePolicy says who did it; put the "
            "template's policy back with aws dynamodb put-resource-policy",
        )
    return f"{counted(len(tables), 'table')} deny it"


def _allows_changes(account: Account, table: Resource) -> bool:
    planned = _denied(table.properties["ResourcePolicy"]["PolicyDocument"])
    return not planned <= _denied(_live_policy(account, table))


def _live_policy(account: Account, table: Resource) -> Mapping[str, Any]:
    client = account.client("dynamodb")
    arn = client.describe_table(TableName=table.physical_id)["Table"]["TableArn"]
    try:
        found = client.get_resource_policy(ResourceArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "PolicyNotFoundException":
            raise
        return {"Statement": []}
    policy: Mapping[str, Any] = json.loads(found["Policy"])
    return policy


def _denied(policy: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Actions on partitions that everybody is denied."""
    return {
        (action, partition)
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny" and statement["Principal"] in ("*", {"AWS": "*"})
        for action in _listed(statement["Action"])
        for partition in _listed(
            statement.get("Condition", {})
            .get("ForAnyValue:StringLike", {})
            .get("dynamodb:LeadingKeys", ())
        )
    }


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
