"""Records of an audit stay as they were written, whatever a principal's own policies allow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from aws_cdk import App, Stack

from config.capabilities import creators, scores
from config.environments import LOCAL
from config.manifest import Table
from config.manifests import eraser
from config.names import function_role
from local.cloud import Cloud, running_cloud
from stacks.shared.table import ProjectTable
from tests.local.strict.conftest import refused

RECORD = {"PK": {"S": "AUDIT#2026-11"}, "SK": {"S": "2026-11-21T08:30:00.000Z#1"}}
NOTE = {"PK": {"S": "AU#ann#2026-11"}, "SK": {"S": "1"}}
ROW = {"PK": {"S": "G#snake#P#all"}, "SK": {"S": "U#ann"}}
PROJECT = {"PK": {"S": "PR#1"}, "SK": {"S": "PROJECT"}}
CHANGE: Any = {
    "UpdateExpression": "SET who = :who",
    "ExpressionAttributeValues": {":who": {"S": "nobody"}},
}
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running_cloud(tmp_path_factory.mktemp("policies")) as cloud:
        yield cloud


def template(folder: Path, table: Table) -> str:
    app = App(outdir=str(folder))
    stack = Stack(app, "Records")
    ProjectTable(stack, table=table, environment=LOCAL)
    found = app.synth().get_stack_by_name("Records").template
    resources = {"Table": next(iter(found["Resources"].values()))}
    return json.dumps({"Resources": resources})


def deployed(cloud: Cloud, folder: Path, table: Table) -> str:
    """The name of the table, which has a stack of its own."""
    client, name = cloud.client("cloudformation"), f"s-{uuid4().hex[:8]}"
    client.create_stack(StackName=name, TemplateBody=template(folder, table))
    client.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    found = client.describe_stack_resource(StackName=name, LogicalResourceId="Table")
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


@pytest.fixture(scope="module")
def scores_table(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> str:
    return deployed(cloud, tmp_path_factory.mktemp("scores"), scores.TABLE)


@pytest.fixture(scope="module")
def creators_table(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> str:
    return deployed(cloud, tmp_path_factory.mktemp("creators"), creators.TABLE)


def as_role(cloud: Cloud, name: str) -> Any:
    """DynamoDB as a role sees it whose own policy allows everything."""
    iam, trust = cloud.client("iam"), {"Effect": "Allow", "Action": "sts:AssumeRole"}
    principal = {"AWS": cloud.client("sts").get_caller_identity()["Account"]}
    document = {"Version": "2012-10-17", "Statement": [{**trust, "Principal": principal}]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
    given = cloud.client("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="ann")
    secret = given["Credentials"]
    return boto3.client(
        "dynamodb",
        endpoint_url=cloud.url,
        region_name=cloud.client("dynamodb").meta.region_name,
        aws_access_key_id=secret["AccessKeyId"],
        aws_secret_access_key=secret["SecretAccessKey"],
        aws_session_token=secret["SessionToken"],
    )


@pytest.fixture(scope="module")
def administrator(cloud: Cloud) -> Any:
    return as_role(cloud, "administrator")


def update(client: Any, table: str, key: Any) -> None:
    client.update_item(TableName=table, Key=key, **CHANGE)


def delete(client: Any, table: str, key: Any) -> None:
    client.delete_item(TableName=table, Key=key)


def delete_in_a_batch(client: Any, table: str, key: Any) -> None:
    client.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": key}}]})


def overwrite_in_a_batch(client: Any, table: str, key: Any) -> None:
    client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": key}}]})


def delete_in_a_transaction(client: Any, table: str, key: Any) -> None:
    client.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": key}}])


ALONE = [update, delete, delete_in_a_batch, overwrite_in_a_batch]
ALL = [*ALONE, delete_in_a_transaction]


@pytest.mark.parametrize("change", ALL, ids=lambda each: each.__name__)
def test_an_administrator_changes_no_record_of_an_operator(
    cloud: Cloud, scores_table: str, administrator: Any, change: Any
) -> None:
    record = RECORD | {"who": {"S": "ann"}}
    administrator.put_item(TableName=scores_table, Item=record)
    with refused("AccessDeniedException", "explicit deny in a resource-based policy"):
        change(administrator, scores_table, RECORD)
    found = cloud.client("dynamodb").get_item(TableName=scores_table, Key=RECORD)
    assert found["Item"] == record


@pytest.mark.parametrize("change", ALL, ids=lambda each: each.__name__)
def test_rows_of_boards_still_change(scores_table: str, administrator: Any, change: Any) -> None:
    administrator.put_item(TableName=scores_table, Item=ROW)
    change(administrator, scores_table, ROW)


def test_a_record_can_be_replaced_by_a_put_without_a_condition(
    scores_table: str, administrator: Any
) -> None:
    """No policy sees what a PutItem replaces: docs/explanation/security.md says so."""
    for who in ("ann", "nobody"):
        administrator.put_item(TableName=scores_table, Item=RECORD | {"who": {"S": who}})


@pytest.mark.parametrize("change", ALONE, ids=lambda each: each.__name__)
def test_an_administrator_changes_no_record_of_a_creator_by_itself(
    creators_table: str, administrator: Any, change: Any
) -> None:
    administrator.put_item(TableName=creators_table, Item=NOTE)
    with refused("AccessDeniedException", "explicit deny in a resource-based policy"):
        change(administrator, creators_table, NOTE)


def test_a_record_is_added_together_with_the_change_it_records(
    creators_table: str, administrator: Any
) -> None:
    writes = [
        {"Put": {"TableName": creators_table, "Item": NOTE | {"SK": {"S": "2"}}}},
        {"Update": {"TableName": creators_table, "Key": PROJECT, **CHANGE}},
    ]
    administrator.transact_write_items(TransactItems=writes)


def test_the_eraser_removes_names_from_records(
    cloud: Cloud, creators_table: str, administrator: Any
) -> None:
    administrator.put_item(TableName=creators_table, Item=NOTE)
    region = cloud.client("dynamodb").meta.region_name
    role = as_role(cloud, function_role(eraser().name, region))
    update(role, creators_table, NOTE)
    with refused("AccessDeniedException", "explicit deny in a resource-based policy"):
        delete(role, creators_table, NOTE)
