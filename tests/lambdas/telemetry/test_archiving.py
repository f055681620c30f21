"""The archive keeps what happened, and nothing of whom it happened to."""

import gzip
import json
from typing import Any

from lambdas.telemetry.archiving import File, files_of, prefix_of, project_in
from tests.lambdas.telemetry.test_counting import MIDNIGHT, NOON, PROJECT, event, record


def lines(file: File) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(file.content).splitlines()]


def told(**more: Any) -> list[Any]:
    began = record("0", sequence=1, player="ann", ip="hashed", ua="hashed", **more)
    happened = event(2, **more)
    happened["dynamodb"]["NewImage"]["data"] = {"S": '{"stage":3}'}
    scored = record("C", sequence=3, score=12, player="ann", metadata='{"mode":"é"}', **more)
    ended = record("0", name="MODIFY", sequence=4, ended=NOON + 5, player="ann", **more)
    return [began, happened, scored, ended]


def test_each_kind_is_a_line_and_none_leads_to_the_player() -> None:
    [file] = files_of(told())
    assert file.key == (f"project={PROJECT}/day=2026-11-21/{1:030d}-{4:030d}.json.gz")
    rows = lines(file)
    assert [row["kind"] for row in rows] == ["session", "event", "score", "end"]
    assert [row["ms"] for row in rows] == [NOON, NOON, NOON, NOON + 5]
    assert (rows[1]["name"], rows[1]["data"]) == ("death", '{"stage":3}')
    assert (rows[2]["score"], rows[2]["data"]) == (12, '{"mode":"é"}')
    assert {tuple(row) for row in rows} == {
        ("kind", "id", "session", "ms", "name", "score", "data")
    }
    assert "ann" not in str(rows)
    assert "hashed" not in str(rows)


def test_a_file_holds_one_project_and_one_day() -> None:
    files = files_of([*told(), *told(project="other"), event(9, at=MIDNIGHT, data="{}")])
    assert [(file.project_id, file.day, len(file.rows)) for file in files] == [
        (PROJECT, "2026-11-21", 4),
        ("other", "2026-11-21", 4),
        (PROJECT, "2026-11-22", 1),
    ]


def test_the_same_records_again_are_the_same_file_to_the_byte() -> None:
    [one], [other] = files_of(told()), files_of(told())
    assert (one.key, one.content) == (other.key, other.content)


def test_what_is_no_happening_is_not_kept() -> None:
    gone = event(2)
    gone["eventName"] = "REMOVE"
    counter = record("0")
    counter["dynamodb"]["Keys"] = {"PK": {"S": f"C#{PROJECT}"}, "SK": {"S": "D#2026-11-21"}}
    assert files_of([gone, counter, record("0", name="MODIFY")]) == []


def test_a_project_is_told_by_its_prefix() -> None:
    assert project_in(prefix_of(PROJECT)) == PROJECT
