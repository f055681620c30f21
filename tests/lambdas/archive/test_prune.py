"""The archives of deleted projects are deleted; the rest stays."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambdas.archive.files import prefix_of
from lambdas.shared.values.uuids import uuid7
from tests.lambdas.stage import PROJECT, Stage, staged

BUCKET = "archive"
GONE = uuid7(1_795_262_400_000)


@pytest.fixture
def stage(moto: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("ARCHIVE_BUCKET", BUCKET)
    with staged(moto, monkeypatch) as stage:
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield stage
        for key in kept():
            boto3.client("s3").delete_object(Bucket=BUCKET, Key=key)


def put(*keys: str) -> None:
    for key in keys:
        boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"x")


def kept() -> list[str]:
    answer = boto3.client("s3").list_objects_v2(Bucket=BUCKET)
    return [each["Key"] for each in answer.get("Contents", [])]


def test_files_of_a_project_that_is_gone_go(stage: Stage) -> None:
    files = [f"{prefix_of(GONE)}day=2026-11-{day}/one.gz" for day in (20, 21)]
    others = [f"{prefix_of(PROJECT.id)}day=2026-11-21/one.gz", "elsewhere/one.gz"]
    put(*files, *others)
    prune = stage.module("archive.prune")
    assert prune.handler({}, None) == {"deleted": 2}
    assert sorted(kept()) == sorted(others)
    assert prune.handler({}, None) == {"deleted": 0}


def test_files_that_cannot_be_deleted_are_reported(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(f"{prefix_of(GONE)}day=2026-11-21/one.gz")
    prune = stage.module("archive.prune")
    refused = [{"Key": "one.gz", "Code": "AccessDenied", "Message": "Access Denied"}]

    def refuse(**_: Any) -> Any:
        return {"Errors": refused}

    monkeypatch.setattr(prune.s3, "delete_objects", refuse)
    with pytest.raises(prune.NotDeleted, match=r"1 files were not deleted; one\.gz: Access Denied"):
        prune.handler({}, None)


def test_an_empty_archive_is_nothing_to_prune(stage: Stage) -> None:
    assert stage.module("archive.prune").handler({}, None) == {"deleted": 0}
