"""make verify-aws: whether a table still denies changes of its records."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from local.dynamodb.tables import table_named
from operations.findings import Broken
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.aws_tables_checks import append_only_records


def policy(*actions: str, effect: str = "Deny", principal: Any = "*") -> Any:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": effect,
                "Principal": principal,
                "Action": list(actions),
                "Resource": "*",
                "Condition": {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": "AUDIT#*"}},
            }
        ],
    }


PLANNED = policy("dynamodb:UpdateItem", "dynamodb:DeleteItem")


@pytest.fixture
def table(moto: Any) -> Iterator[str]:
    with table_named(moto, "scores") as name:
        yield name


def account(client: Any, table: str) -> Account:
    properties = {"ResourcePolicy": {"PolicyDocument": PLANNED}}
    one = Resource("ScoreApiStack", "AWS::DynamoDB::Table", "ScoreTable", table, properties)
    counters = Resource("TelemetryStack", "AWS::DynamoDB::Table", "RateTable", "rates", {})
    found = SimpleNamespace(resources=lambda _: [one, counters], client=lambda _: client)
    return cast("Account", found)


def put(client: Any, table: str, document: Any) -> None:
    arn = client.describe_table(TableName=table)["Table"]["TableArn"]
    client.put_resource_policy(ResourceArn=arn, Policy=json.dumps(document))


def test_a_table_that_denies_what_its_template_denies_is_good(moto: Any, table: str) -> None:
    put(moto, table, policy("dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"))
    assert append_only_records(account(moto, table)) == "1 table deny it"


@pytest.mark.parametrize(
    "live",
    [
        policy("dynamodb:UpdateItem"),
        policy("dynamodb:UpdateItem", "dynamodb:DeleteItem", effect="Allow"),
        policy("dynamodb:UpdateItem", "dynamodb:DeleteItem", principal={"AWS": "ann"}),
    ],
    ids=["fewer actions", "allows", "one principal"],
)
def test_a_table_whose_policy_was_weakened_is_found(moto: Any, table: str, live: Any) -> None:
    put(moto, table, live)
    with pytest.raises(Broken, match="scores no longer denies changes of records"):
        append_only_records(account(moto, table))


def test_a_table_that_has_lost_its_policy_is_found(moto: Any) -> None:
    # moto keeps a policy for the next table of the same name, so this one has its own.
    with table_named(moto, "creators") as table, pytest.raises(Broken, match="creators no longer"):
        append_only_records(account(moto, table))
