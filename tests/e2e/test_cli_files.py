"""A board to a file and back: the same board, whatever was there before and whatever breaks."""

import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.capabilities import scores
from lambdas.scores.table import board_key, row_key
from lambdas.shared.dynamo.items import packed
from local.bootstrap import ROOT
from local.scores.boards import fill
from tests.e2e.operator import Operator, Said
from tests.e2e.periods import months_ago
from tests.system import System

FROM, TO = months_ago(5), months_ago(6)
FROM_KEY, TO_KEY = (board_key("minesweeper", month) for month in (FROM, TO))
ROWS = 12


def player(number: int) -> str:
    return f"{number:022d}"


def change(system: System, key: str, number: int, update: str, **values: Any) -> None:
    more = {"ExpressionAttributeValues": {f":{k}": v for k, v in values.items()}} if values else {}
    system.cloud.client("dynamodb").update_item(
        TableName=system.parameter(scores.TABLE.parameter),
        Key=packed(row_key(key, player(number))),
        UpdateExpression=update,
        **more,
    )


@pytest.fixture(autouse=True)
def _boards(system: System) -> Iterator[None]:
    """One of twelve entries, of 100,000 ms and one more each, and one that is empty."""
    for key in (FROM_KEY, TO_KEY):
        system.clear(key)
    fill(system.table, FROM_KEY, ROWS, "さくら")
    meta = {"S": '{"level":1.0,"名":"x"}'}
    change(system, FROM_KEY, 2, "SET meta = :meta, moved = :yes", meta=meta, yes={"BOOL": True})
    change(system, FROM_KEY, 3, "SET hiddenAt = :at", at={"S": "2026-11-21T12:00:00.000Z"})
    yield
    for key in (FROM_KEY, TO_KEY):
        system.clear(key)


def stored(system: System, key: str) -> list[dict[str, Any]]:
    """Every attribute but the one that says which board it is."""
    return [
        {name: value for name, value in row.items() if name != "PK"} for row in system.raw_rows(key)
    ]


@pytest.fixture
def exported(htmlgame: Operator, tmp_path: Path) -> Path:
    path = tmp_path / "board.jsonl"
    said = htmlgame("export", "minesweeper", FROM, "--output", str(path))
    assert (said.code, said.out) == (0, "")
    return path


def import_(htmlgame: Operator, *options: object) -> Said:
    return htmlgame("import", "minesweeper", TO, *map(str, options), "--yes", "--json")


def test_an_exported_board_comes_back_identical(
    htmlgame: Operator, system: System, exported: Path
) -> None:
    first, *_, last = exported.read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["board"]["period"] == FROM
    assert json.loads(last) == {"end": {"rows": ROWS}}
    said = import_(htmlgame, exported, "--other-board").json
    assert (said["rows"], said["written"], said["kept"]) == (ROWS, ROWS, 0)
    assert stored(system, TO_KEY) == stored(system, FROM_KEY)
    again = import_(htmlgame, exported, "--other-board").json
    assert (again["written"], again["kept"]) == (0, ROWS)
    assert stored(system, TO_KEY) == stored(system, FROM_KEY)
    ranking = system.origin.ranking("minesweeper", TO).body["items"]
    assert player(3) not in {item["userId"] for item in ranking}


def test_stdout_and_a_file_are_the_same(htmlgame: Operator, exported: Path) -> None:
    said = htmlgame("export", "minesweeper", FROM, "--json")
    ours, theirs = said.out.splitlines()[1:], exported.read_text(encoding="utf-8").splitlines()[1:]
    assert ours == theirs
    people = htmlgame("export", "minesweeper", FROM)
    assert people.err == f"12 rows of minesweeper/{FROM}\n"


def line(number: int, time_ms: int, **more: Any) -> str:
    row = {
        "userId": player(number),
        "userName": "Bob",
        "score": 1,
        "timeMs": time_ms,
        "updatedAt": "2026-11-21T12:00:00.000Z",
    }
    return json.dumps(row | more) + "\n"


def test_a_players_better_entry_stays_unless_it_is_to_be_replaced(
    htmlgame: Operator, system: System, tmp_path: Path
) -> None:
    fill(system.table, TO_KEY, 3, "Ann")
    path = tmp_path / "rows.jsonl"
    path.write_text(line(0, 99_000) + line(1, 101_000) + line(9, 150_000))
    said = import_(htmlgame, path).json
    assert (said["written"], said["kept"]) == (2, 1)
    assert times(system) == {0: 99_000, 1: 100_001, 2: 100_002, 9: 150_000}
    said = import_(htmlgame, path, "--replace").json
    assert (said["written"], said["kept"]) == (3, 0)
    assert times(system) == {0: 99_000, 1: 101_000, 2: 100_002, 9: 150_000}


def times(system: System) -> dict[int, int]:
    return {int(entry.user_id): entry.time_ms for entry in system.table.rows(TO_KEY)}


def test_of_two_rows_of_one_player_the_better_or_else_the_last_counts(
    htmlgame: Operator, system: System, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line(0, 99_000) + line(0, 98_000) + line(0, 99_500))
    import_(htmlgame, path)
    assert times(system) == {0: 98_000}
    import_(htmlgame, path, "--replace")
    assert times(system) == {0: 99_500}


def test_a_hidden_entry_stays_hidden_when_a_better_one_is_imported(
    htmlgame: Operator, system: System, tmp_path: Path
) -> None:
    fill(system.table, TO_KEY, 1, "Ann")
    change(system, TO_KEY, 0, "SET hiddenAt = :at", at={"S": "2026-11-21T12:00:00.000Z"})
    path = tmp_path / "rows.jsonl"
    path.write_text(line(0, 1000))
    assert import_(htmlgame, path).json["written"] == 1
    [entry] = system.table.rows(TO_KEY)
    assert (entry.time_ms, entry.hidden_at is not None) == (1000, True)


@pytest.mark.parametrize("spoilt", ["REMOVE userName", "REMOVE rk", "SET rk = :old"])
def test_a_stored_row_that_is_unreadable_or_in_another_order_is_compared_or_replaced(
    htmlgame: Operator, system: System, tmp_path: Path, spoilt: str
) -> None:
    fill(system.table, TO_KEY, 1, "Ann")
    change(system, TO_KEY, 0, spoilt, **({"old": {"S": "zz"}} if ":old" in spoilt else {}))
    path = tmp_path / "rows.jsonl"
    path.write_text(line(0, 200_000))
    assert import_(htmlgame, path).json["written"] == (1 if "userName" in spoilt else 0)
    path.write_text(line(0, 1000))
    assert import_(htmlgame, path).json["written"] == 1
    assert times(system) == {0: 1000}


def test_beyond_its_top_n_a_board_is_trimmed_unless_it_is_not_to_be(
    htmlgame: Operator, system: System, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(line(number, 50_000 + number) for number in range(130)))
    shown = htmlgame("import", "minesweeper", TO, str(path), "--dry-run").out
    assert f"would import 130 rows to minesweeper/{TO}, which keeps 100" in shown
    import_(htmlgame, path, "--untrimmed")
    assert len(times(system)) == 130
    import_(htmlgame, path)
    assert list(times(system)) == list(range(100))


def test_nothing_is_written_of_a_file_with_a_wrong_line(
    htmlgame: Operator, system: System, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line(0, 1) + line(1, 2, score="7") + line(2, 3) + line(3, 4, rank=1))
    error = import_(htmlgame, path).error
    assert error["code"] == "bad_file"
    assert error["message"].splitlines() == [
        "line 2: score: not a whole number",
        "line 4: rank: unknown field",
    ]
    assert times(system) == {}


def test_a_file_that_was_cut_off_is_refused(
    htmlgame: Operator, system: System, exported: Path
) -> None:
    whole = exported.read_bytes()
    exported.write_bytes(whole[: whole.rindex(b'{"end"')])
    assert "the end is missing" in import_(htmlgame, exported, "--other-board").error["message"]
    exported.write_bytes(whole[:400])
    assert "not JSON" in import_(htmlgame, exported, "--other-board").error["message"]
    assert times(system) == {}


def test_a_board_goes_through_a_pipe(
    htmlgame: Operator, system: System, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, exported.read_bytes())
    assert import_(htmlgame, "-", "--other-board").json["written"] == ROWS
    assert stored(system, TO_KEY) == stored(system, FROM_KEY)


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_an_import_that_breaks_in_a_pipe_reports_it_and_can_be_repeated(
    htmlgame: Operator, system: System, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = exported.read_bytes()
    pipe(monkeypatch, whole[: whole.rindex(b'{"end"')])
    error = import_(htmlgame, "-", "--other-board").error
    assert error["code"] == "cut_off"
    assert "import the whole file again" in error["message"]
    record = htmlgame("audit", "--limit", "1", "--json").json_lines[0]
    assert (record["command"], record["outcome"]) == ("import", "failed: CutOff")
    pipe(monkeypatch, whole)
    said = import_(htmlgame, "-", "--other-board").json
    assert said["written"] + said["kept"] == ROWS
    assert stored(system, TO_KEY) == stored(system, FROM_KEY)


@pytest.mark.parametrize(("options", "left"), [([], 100), (["--untrimmed"], 130)])
def test_rows_written_before_a_pipe_broke_are_trimmed(
    htmlgame: Operator,
    system: System,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    left: int,
) -> None:
    rows = "".join(line(number, 50_000 + number) for number in range(130))
    pipe(monkeypatch, f"{rows}nonsense\n".encode())
    error = import_(htmlgame, "-", *options).error
    assert (error["code"], error["message"].partition(":")[0]) == ("cut_off", "line 131")
    assert list(times(system)) == list(range(left))


def test_a_pipe_whose_first_line_is_wrong_writes_nothing_and_says_no_more(
    htmlgame: Operator, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, b"nonsense\n")
    assert import_(htmlgame, "-").error["code"] == "bad_line"
    assert times(system) == {}


def test_of_another_board_nothing_is_written_unasked(
    htmlgame: Operator, system: System, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for source in (exported, "-"):
        pipe(monkeypatch, exported.read_bytes())
        said = import_(htmlgame, source)
        assert said.code == 2
        assert f"it is of minesweeper/{FROM}, not of minesweeper/{TO}" in said.error["message"]
    assert times(system) == {}


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("no-such-file", "FILE: No such file or directory"),
        (".", "FILE: Is a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(
    htmlgame: Operator, tmp_path: Path, file: str, message: str
) -> None:
    said = import_(htmlgame, tmp_path / file)
    assert said.code == 2
    assert message in said.error["message"]


def test_an_empty_file_is_nothing_to_do(htmlgame: Operator, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.touch()
    assert import_(htmlgame, path).json["done"] is False


def test_an_export_leaves_out_what_it_cannot_read_and_says_so(
    htmlgame: Operator, system: System, tmp_path: Path
) -> None:
    change(system, FROM_KEY, 5, "REMOVE score")
    change(system, FROM_KEY, 6, "SET meta = :meta", meta={"S": "{"})
    said = htmlgame("export", "minesweeper", FROM, "--json")
    assert said.code == 1
    assert json.loads(said.out.splitlines()[-1]) == {"end": {"rows": ROWS - 2}}
    told = [json.loads(text) for text in said.err.splitlines()]
    assert told[0] == {"warning": f"U#{player(5)}: score is missing"}
    assert told[1] == {"warning": f"U#{player(6)}: meta is not JSON"}
    assert told[2]["error"]["code"] == "incomplete"
    nowhere = htmlgame("export", "minesweeper", FROM, "--output", str(tmp_path / "no" / "file"))
    assert nowhere.code == 2
    assert "--output: No such file or directory" in nowhere.err


def test_a_reader_that_closes_the_pipe_causes_no_failure(system: System) -> None:
    command = f"{ROOT / '.venv/bin/htmlgame'} export minesweeper {FROM} | head -1"
    finished = subprocess.run(
        ["/bin/sh", "-c", command],
        env=os.environ | system.cloud.credentials(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.count("\n") == 1
    assert "Traceback" not in finished.stderr
