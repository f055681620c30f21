"""The whole system, deployed once a run by the same CDK that deploys to AWS."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config import names
from config.capabilities import scores
from lambdas.scores.table import ScoreTable, reserve_key
from lambdas.shared.dynamo.items import packed
from lambdas.shared.edge_store import Changes, EdgeStore
from local.cloud import Cloud, free_port, running_cloud
from local.deploy import Deployment
from local.edge.control import key_value_store_client
from local.scores.origin import ScoreOrigin
from local.snapshot import Snapshot


@dataclass(frozen=True)
class System:
    cloud: Cloud
    deployment: Deployment

    @property
    def origin(self) -> ScoreOrigin:
        return ScoreOrigin(self.cloud)

    def parameter(self, name: str) -> str:
        answer = self.cloud.client("ssm").get_parameter(Name=name, WithDecryption=True)
        return str(answer["Parameter"]["Value"])

    @property
    def table(self) -> ScoreTable:
        name = self.parameter(scores.TABLE.parameter)
        return ScoreTable(self.cloud.client("dynamodb"), name)

    def empty(self, key: str) -> None:
        """Tests share the boards of this deployment; some need one to themselves."""
        for entry in self.table.rows(key):
            self.table.evict(key, entry)
        client, name = self.cloud.client("dynamodb"), self.parameter(scores.TABLE.parameter)
        for entry in [entry for page in self.table.reserve(key) for entry in page.entries]:
            reserved = packed(reserve_key(key, entry.user_id))
            client.delete_item(TableName=name, Key=reserved)

    def clear(self, key: str) -> None:
        """Every row of the board, whatever state it is in."""
        client, name = self.cloud.client("dynamodb"), self.parameter(scores.TABLE.parameter)
        for row in self.raw_rows(key):
            client.delete_item(TableName=name, Key={"PK": row["PK"], "SK": row["SK"]})

    def raw_rows(self, key: str) -> list[dict[str, Any]]:
        """The stored items with all their attributes."""
        pages = (
            self.cloud.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self.parameter(scores.TABLE.parameter),
                KeyConditionExpression="PK = :pk",
                ExpressionAttributeValues={":pk": {"S": key}},
                ConsistentRead=True,
            )
        )
        return [row for page in pages for row in page["Items"]]

    def edge_values(self, prefix: str = "") -> dict[str, str]:
        """The entries of the edge's key-value store."""
        store = EdgeStore(key_value_store_client(self.cloud), self.parameter(names.EDGE_STORE_ARN))
        return {key: value for key, value in store.values().items() if key.startswith(prefix)}

    def forget_edge_key(self, key: str) -> None:
        store = EdgeStore(key_value_store_client(self.cloud), self.parameter(names.EDGE_STORE_ARN))
        store.change(lambda values: Changes(deletes={key} & values.keys()))

    def log_lines(self, function: str) -> list[str]:
        paginator = self.cloud.client("logs").get_paginator("filter_log_events")
        pages = paginator.paginate(logGroupName=names.function_log_group(function))
        return [event["message"] for page in pages for event in page["events"]]

    def invocations(self, function: str) -> int:
        return sum(line.startswith("START RequestId") for line in self.log_lines(function))

    def backups(self) -> list[str]:
        """The distribution's configs as they were before each change, the oldest first."""
        s3 = self.cloud.client("s3")
        [bucket] = [b["Name"] for b in s3.list_buckets()["Buckets"] if "backups" in b["Name"]]
        keys = sorted(item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"])
        return [s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys]

    def request(self, function: str, number: int) -> dict[str, Any]:
        """What it logged of its so manieth request, which may take a moment to be there."""
        until = time.monotonic() + 20
        while not (found := self.requests(function)[number : number + 1]):
            assert time.monotonic() < until, f"{function} logged no request {number}"
            time.sleep(0.1)
        return found[0]

    def requests(self, function: str) -> list[dict[str, Any]]:
        """The log line of each request to the function, in order."""
        lines = (line for line in self.log_lines(function) if line.startswith("{"))
        return [logged for logged in map(json.loads, lines) if "status" in logged]


@contextmanager
def deployed_cloud(directory: Path, snapshot: Path) -> Iterator[Cloud]:
    """A cloud of its own, as it is after a deploy. Only the first of a run has to be deployed."""
    kept = Snapshot(snapshot)
    with snapshot.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_whole:
            first = snapshot.with_suffix(".first")
            with running_cloud(first, keep_state=True) as cloud:
                Deployment(cloud).bring_up_to_date()
            kept.take(first, cloud.port)
    cloud = Cloud(directory, free_port(), keep_state=True)
    kept.restore(directory, cloud.port)
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.stop(at_once=True)


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by all workers of a run."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    return shared / "deployed"


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory, snapshot: Path) -> Iterator[System]:
    """In its own cloud, because other tests leave resources in theirs."""
    with deployed_cloud(tmp_path_factory.mktemp("system"), snapshot) as cloud:
        yield System(cloud, Deployment(cloud))
