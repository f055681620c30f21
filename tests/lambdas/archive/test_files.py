"""The archive keeps what happened, and nothing of whom it happened to."""

import base64
import gzip
import json
from typing import Any

import pytest

from lambdas.archive.files import Files, lines_in, prefix_of, project_in, row_set_aside
from lambdas.shared.records.archive_rows import line_of
from lambdas.telemetry.archiving import rows_of
from lambdas.telemetry.stream import changes_in
from tests.lambdas.telemetry.test_counting import MIDNIGHT, NOON, PROJECT, event, record


def told(**more: Any) -> list[Any]:
    began = record("0", sequence=1, player="ann", ip="hashed", ua="hashed", **more)
    happened = event(2, **more)
    happened["dynamodb"]["NewImage"]["data"] = {"S": '{"stage":3}'}
    scored = record("C", sequence=3, score=12, player="ann", metadata='{"mode":"é"}', **more)
    ended = record("0", name="MODIFY", sequence=4, ended=NOON + 5, player="ann", **more)
    return [began, happened, scored, ended]


def test_each_kind_is_a_row_and_none_leads_to_the_player() -> None:
    rows = list(rows_of(changes_in(told())))
    assert [row["kind"] for row in rows] == ["session", "event", "score", "end"]
    assert [row["ms"] for row in rows] == [NOON, NOON, NOON, NOON + 5]
    assert (rows[1]["name"], rows[1]["data"]) == ("death", '{"stage":3}')
    assert (rows[2]["score"], rows[2]["data"]) == (12, '{"mode":"é"}')
    assert {tuple(row) for row in rows} == {
        ("project", "day", "kind", "id", "session", "ms", "name", "score", "data")
    }
    assert "ann" not in str(rows)
    assert "hashed" not in str(rows)


def test_the_same_record_again_is_the_same_line_to_the_byte() -> None:
    one, other = ([line_of(row) for row in rows_of(changes_in(told()))] for _ in range(2))
    assert one == other
    assert not any(b"\n" in line for line in one)


def test_records_without_telemetry_are_not_kept() -> None:
    gone = event(2)
    gone["eventName"] = "REMOVE"
    counter = record("0")
    counter["dynamodb"]["Keys"] = {"PK": {"S": f"C#{PROJECT}"}, "SK": {"S": "D#2026-11-21"}}
    assert list(rows_of(changes_in([gone, counter, record("0", name="MODIFY")]))) == []


def aside(*lines: bytes) -> bytes:
    """As Firehose writes down what it could not deliver."""
    told = [
        {
            "attemptsMade": 1,
            "arrivalTimestamp": NOON,
            "errorCode": "DynamicPartitioning.ActivePartitionLimitExceeded",
            "errorMessage": "The number of active partitions has exceeded the configured limit",
            "rawData": base64.b64encode(line).decode(),
        }
        for line in lines
    ]
    return b"".join(json.dumps(each).encode() + b"\n" for each in told)


@pytest.mark.parametrize("packed", [bytes, gzip.compress], ids=["plain", "gzipped"])
@pytest.mark.parametrize("size", [7, 100_000])
def test_a_row_that_was_set_aside_is_read_as_it_was_sent(packed: Any, size: int) -> None:
    rows = list(rows_of(changes_in(told())))
    content = packed(aside(*(line_of(row) for row in rows)))
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    assert [row_set_aside(line) for line in lines_in(chunks)] == rows


def test_a_file_cut_off_is_not_taken_for_a_whole_one() -> None:
    content = gzip.compress(aside(*(line_of(row) for row in rows_of(changes_in(told())))))
    with pytest.raises(EOFError):
        list(lines_in([content[:-9]]))


@pytest.mark.parametrize(
    "line",
    [b"no JSON", b"{}", b"[]", b"3", aside(b"no row"), aside(b'{"project":"p"}'), aside(b"3")],
)
def test_a_foreign_line_is_not_read_as_a_row(line: bytes) -> None:
    assert row_set_aside(line.rstrip()) is None


def test_a_row_without_a_wrapping_is_one_too() -> None:
    [row, *_] = rows_of(changes_in(told()))
    assert row_set_aside(line_of(row)) == row


def test_files_hold_a_row_a_line_by_where_they_belong() -> None:
    rows = list(
        rows_of(changes_in([*told(), *told(project="other"), event(9, at=MIDNIGHT, data="{}")]))
    )
    once, again = (contents(rows) for _ in range(2))
    assert once == again
    lines = {
        place: [json.loads(line) for line in gzip.decompress(content).splitlines()]
        for place, content in once.items()
    }
    assert lines == {
        f"project={PROJECT}/day=2026-11-21/": rows[:4],
        "project=other/day=2026-11-21/": rows[4:8],
        f"project={PROJECT}/day=2026-11-22/": rows[8:],
    }


def contents(rows: list[Any]) -> dict[str, bytes]:
    files = Files()
    for row in rows:
        files.add(row)
    assert files.rows == len(rows)
    return dict(files.contents())


def test_a_project_is_recognised_by_its_prefix() -> None:
    assert project_in(prefix_of(PROJECT)) == PROJECT
