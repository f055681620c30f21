"""A table that was lost comes back from its backup, with the same counts as the rows."""

from typing import Any

import boto3
import pytest
from moto import mock_aws

from config.environments import COMPLETE, DELIVERED
from lambdas.insights.summaries import by_function
from local.dynamodb.tables import table_named
from operations.insights.restore import put_back, tables
from tests.lambdas.insights.logs import NOON, line
from tests.lambdas.insights.stage import staged

DAY = "2026-11-21"


def test_the_tables_that_can_be_restored_are_the_precious_ones() -> None:
    assert set(tables(COMPLETE)) == {"InsightsTable", "KeyTable", "FunctionTable"}
    assert tables(DELIVERED) == {}


def emptied(client: Any, name: str) -> int:
    items = client.scan(TableName=name)["Items"]
    for item in items:
        client.delete_item(TableName=name, Key={"PK": item["PK"], "SK": item["SK"]})
    return len(items)


def test_counts_users_and_functions_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: NOON / 1000)
    with staged(monkeypatch) as stage:
        stage.logged(*(line(number) for number in range(50)), now_ms=NOON)
        for fn, total in by_function(stage.table.hours(DAY)).items():
            stage.table.put_day(DAY, fn, total, NOON // 1000)
        key = stage.user("ann", "admin")
        path: dict[str, Any] = {"project": "ann", "function": "javascript-one"}
        pushed = {"source": "function handler() { return 7 }"}
        put = "PUT /api/functions/{project}/{function}"
        assert stage.ask(key, put, pushed, **path).status == 200
        client, names = stage.client, ("insights", "keys", "functions")
        before = {name: sorted(map(repr, client.scan(TableName=name)["Items"])) for name in names}
        for name in names:
            arn = client.create_backup(TableName=name, BackupName=name)["BackupDetails"][
                "BackupArn"
            ]
            lost = emptied(client, name)
            client.restore_table_from_backup(TargetTableName=f"{name}-then", BackupArn=arn)
            assert put_back(client, f"{name}-then", name, dry=True).items == lost
            assert client.scan(TableName=name)["Count"] == 0
            assert put_back(client, f"{name}-then", name).items == lost
            again = put_back(client, f"{name}-then", name)
            assert (again.items, again.kept) == (0, lost)
        for name, items in before.items():
            assert sorted(map(repr, client.scan(TableName=name)["Items"])) == items
        counted = by_function(stage.table.hours(DAY))["python-get-ranking"]
        days = {fn: total for fn, day, total in stage.table.days(DAY[:7]) if day == DAY}
        query = {"day": DAY, "limit": "200"}
        rows = stage.ask(key, "GET /api/insights/requests", query=query).body["items"]
        assert counted.times == days["python-get-ranking"].times == len(rows) == 50
        run = stage.ask(key, "POST /api/functions/{project}/{function}", {}, **path)
        assert run.body["answer"] == 7
        # A file that comes again after the restore is still known.
        stage._files = 0
        stage.logged(*(line(number) for number in range(50)), now_ms=NOON)
        assert by_function(stage.table.hours(DAY))["python-get-ranking"].times == 50


def test_items_in_use_stay_and_expired_ones_stay_away() -> None:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        with table_named(client, "then"), table_named(client, "now"):
            for pk, more in (("A#1", {}), ("B#1", {}), ("B#2", {"expires": {"N": "5"}})):
                item = {"PK": {"S": pk}, "SK": {"S": "x"}, "n": {"N": "1"}, **more}
                client.put_item(TableName="then", Item=item)
            changed = {"PK": {"S": "A#1"}, "SK": {"S": "x"}, "n": {"N": "2"}}
            client.put_item(TableName="now", Item=changed)
            only = put_back(client, "then", "now", only="A")
            assert (only.items, only.kept, only.expired) == (0, 1, 0)
            done = put_back(client, "then", "now")
            assert (done.items, done.kept, done.expired) == (1, 1, 1)
            [kept] = [i for i in client.scan(TableName="now")["Items"] if i["PK"]["S"] == "A#1"]
            assert kept == changed
