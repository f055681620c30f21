"""No row is lost when Firehose refuses, sets aside or repeats it."""

import base64
import gzip
import importlib
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from lambdas.archive.files import row_set_aside
from lambdas.shared.records.archive_rows import line_of
from lambdas.telemetry.archiving import rows_of
from lambdas.telemetry.stream import changes_in
from tests.lambdas.archive.test_files import aside, told

BUCKET = "archive"
ASIDE = "_aside/activePartitionExceeded/2026/11/21/12/one"


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        monkeypatch.setenv("ARCHIVE_STREAM", "stream")
        module = importlib.reload(importlib.import_module("lambdas.telemetry.feed_archive"))
        monkeypatch.setattr(module.time, "sleep", lambda _: None)
        yield module


@pytest.fixture
def returner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        monkeypatch.setenv("ARCHIVE_BUCKET", BUCKET)
        monkeypatch.setenv("ASIDE_PREFIX", "_aside/")
        monkeypatch.setenv("UNREADABLE_PREFIX", "_unreadable/")
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield importlib.reload(importlib.import_module("lambdas.archive.bring_back"))


def sent(records: list[Any]) -> list[dict[str, bytes]]:
    return [{"Data": line_of(row)} for row in rows_of(changes_in(records))]


def expect(stub: Stubber, records: list[dict[str, bytes]], *refused: int) -> None:
    answers = [
        {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "slow down"}
        if place in refused
        else {"RecordId": str(place)}
        for place in range(len(records))
    ]
    stub.add_response(
        "put_record_batch",
        {"FailedPutCount": len(refused), "RequestResponses": answers},
        {"DeliveryStreamName": "stream", "Records": records},
    )


def test_only_the_records_that_firehose_refuses_are_sent_again(writer: Any) -> None:
    records = sent(told())
    with Stubber(writer.firehose) as stub:
        expect(stub, records, 1, 3)
        expect(stub, [records[1], records[3]], 0)
        expect(stub, [records[1]])
        writer.handler({"Records": told()}, None)
        stub.assert_no_pending_responses()


def test_records_refused_repeatedly_fail_the_batch_so_that_it_is_retried(writer: Any) -> None:
    records = sent(told())
    with Stubber(writer.firehose) as stub:
        expect(stub, records, 2)
        for _ in range(3):
            expect(stub, [records[2]], 0)
        with pytest.raises(writer.NotTaken, match="1 of 4 records: ServiceUnavailableException"):
            writer.handler({"Records": told()}, None)
        stub.assert_no_pending_responses()


def test_five_hundred_go_at_once(writer: Any) -> None:
    records = [each for _ in range(150) for each in told()]
    with Stubber(writer.firehose) as stub:
        expect(stub, sent(records[:500]))
        expect(stub, sent(records[500:]))
        writer.handler({"Records": records}, None)
        stub.assert_no_pending_responses()


def test_nothing_to_keep_asks_nothing_of_firehose(writer: Any) -> None:
    with Stubber(writer.firehose):
        writer.handler({"Records": []}, None)


def lying(returner: Any) -> dict[str, bytes]:
    listed = returner.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())
    return {
        each["Key"]: returner.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
        for each in listed
    }


def put_aside(returner: Any, content: bytes, key: str = ASIDE) -> None:
    returner.s3.put_object(Bucket=BUCKET, Key=key, Body=content)


def test_rows_set_aside_go_to_their_projects(returner: Any) -> None:
    rows = list(rows_of(changes_in([*told(), *told(project="other")])))
    put_aside(returner, aside(*(line_of(row) for row in rows)))
    assert returner.handler({}, None) == {"returned": 8}
    files = lying(returner)
    assert [key.rpartition("/")[2] for key in files] == ["one.json.gz"] * 2
    lines = [json.loads(line) for each in files.values() for line in gzip.decompress(each).split()]
    assert sorted(map(str, lines)) == sorted(map(str, rows))
    for key, file in files.items():
        row = json.loads(gzip.decompress(file).splitlines()[0])
        assert key == f"project={row['project']}/day={row['day']}/one.json.gz"


def test_cut_short_it_writes_the_same_files_again(returner: Any) -> None:
    records = [*told(), *told(project="other")]
    content = aside(*(line_of(row) for row in rows_of(changes_in(records))))
    put_aside(returner, content)
    returner.handler({}, None)
    once = lying(returner)
    put_aside(returner, content)  # as if it had been killed before it deleted this
    returner.handler({}, None)
    assert lying(returner) == once


def test_an_unreadable_line_is_set_apart_and_the_rows_beside_it_are_returned(
    returner: Any,
) -> None:
    odd = json.dumps({"rawData": base64.b64encode(b"no row").decode()}).encode()
    rows = aside(*(line_of(row) for row in rows_of(changes_in(told()))))
    put_aside(returner, odd + b"\n" + rows)
    assert returner.handler({}, None) == {"returned": 4}
    files = lying(returner)
    assert files.pop("_unreadable/one") == odd
    assert [key.rpartition("/")[2] for key in files] == ["one.json.gz"]


def test_a_file_that_cannot_be_read_holds_up_no_other(returner: Any) -> None:
    rows = aside(*(line_of(row) for row in rows_of(changes_in(told()))))
    put_aside(returner, gzip.compress(rows)[:-9], key="_aside/a/cut")
    put_aside(returner, rows, key="_aside/z/one")
    with pytest.raises(returner.NotReturned, match="_aside/a/cut"):
        returner.handler({}, None)
    files = lying(returner)
    assert "_aside/a/cut" in files
    assert sum(key.startswith("project=") for key in files) == 1
    assert not any(key.startswith("_aside/z") for key in files)


def test_a_file_is_never_whole_in_memory(returner: Any) -> None:
    [row, *_] = rows_of(changes_in(told()))
    key, rows = "_aside/activePartitionExceeded/large", 10_000
    put_aside(returner, aside(line_of(row)) * rows, key=key)
    lines = returner._lines(key)
    tracemalloc.start()
    files = returner.Files()
    for line in lines:
        files.add(row_set_aside(line))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    files.close()
    assert files.rows == rows
    assert peak < 5 * 10**6  # as dicts they would be ten


@pytest.fixture
def pruner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        monkeypatch.setenv("ARCHIVE_BUCKET", BUCKET)
        monkeypatch.setenv("CREATOR_TABLE", "creators")
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        module = importlib.reload(importlib.import_module("lambdas.archive.prune"))
        monkeypatch.setattr(module, "_is_gone", lambda project_id: project_id.startswith("gone"))
        yield module


def test_the_archives_of_deleted_projects_are_deleted_and_nothing_else(pruner: Any) -> None:
    for project in ("gone-1", "gone-2", "alive"):
        for number in range(3):
            key = f"project={project}/day=2026-11-21/{number}.json.gz"
            pruner.s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    pruner.s3.put_object(Bucket=BUCKET, Key="_aside/x/gone-1", Body=b"")
    assert pruner.handler({}, None) == {"deleted": 6}
    assert set(lying(pruner)) == {
        "_aside/x/gone-1",
        *(f"project=alive/day=2026-11-21/{number}.json.gz" for number in range(3)),
    }


def test_objects_that_s3_refuses_to_delete_are_not_reported_as_deleted(pruner: Any) -> None:
    key = "project=gone/day=2026-11-21/0.json.gz"
    pruner.s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    listed = pruner.s3.list_objects_v2(Bucket=BUCKET, Prefix="project=gone/")
    with Stubber(pruner.s3) as stub:
        prefixes = {"CommonPrefixes": [{"Prefix": "project=gone/"}]}
        stub.add_response("list_objects_v2", prefixes)
        stub.add_response("list_objects_v2", {"Contents": listed["Contents"]})
        refused = {"Key": key, "Code": "SlowDown", "Message": "Reduce your request rate."}
        stub.add_response("delete_objects", {"Errors": [refused]})
        with pytest.raises(pruner.NotDeleted, match=f"1 files were not deleted; {key}: Reduce"):
            pruner.handler({}, None)
