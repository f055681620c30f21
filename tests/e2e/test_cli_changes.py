"""Commands that change data show it first, ask, record the change, and players see it."""

import json
import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config import names
from config.capabilities import scores
from lambdas.scores.table import board_key, row_key
from lambdas.shared.dynamo.items import packed
from lambdas.shared.http.errors import Busy
from local.bootstrap import ROOT
from local.edge.server import LocalEdge
from local.scores.boards import fill
from operations.scores.operator_table import OperatorTable, Row
from tests.e2e.conftest import System
from tests.e2e.operator import Operator, sit_down
from tests.e2e.periods import months_ago
from tests.e2e.player import Player

MONTH = months_ago(4)
KEY = board_key("minesweeper", MONTH)


def player(number: int) -> str:
    return f"{number:022d}"


@pytest.fixture
def board(system: System) -> Iterator[str]:
    """Five entries, of 100,000 ms and one more each, on a board that is closed."""
    system.clear(KEY)
    fill(system.table, KEY, 5, "Ann")
    yield KEY
    system.clear(KEY)


@pytest.fixture
def full_board(system: System) -> Iterator[str]:
    """Fills this month's board: a hundred of a hundred entries."""
    month: str = system.origin.ranking("minesweeper", "monthly").body["period"]
    key = board_key("minesweeper", month)
    system.clear(key)
    fill(system.table, key, 100, "Ann")
    yield month
    system.clear(key)


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


def standing(system: System, key: str = KEY) -> list[str]:
    return [row["SK"]["S"].removeprefix("U#") for row in system.raw_rows(key)]


def shown(system: System, game: str = "minesweeper", period: str = MONTH) -> list[str]:
    items = system.origin.ranking(game, period).body["items"]
    return [item["userId"] for item in items]


def invalidations(system: System) -> int:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    return int(
        client.list_invalidations(DistributionId=distribution)["InvalidationList"]["Quantity"]
    )


def newest_record(htmlgame: Operator) -> Any:
    return htmlgame("audit", "--limit", "1", "--json").json_lines[0]


REMOVE = ("remove", "minesweeper", MONTH, player(2))


@pytest.mark.usefixtures("board")
def test_an_entry_is_removed_recorded_and_gone_from_the_ranking(
    htmlgame: Operator, system: System
) -> None:
    before = invalidations(system)
    said = htmlgame(*REMOVE, "--yes", "--json").json
    assert (said["done"], said["removed"], said["invalidated"]) == (True, 1, True)
    assert said["entry"]["timeMs"] == 100_002
    assert player(2) not in standing(system)
    assert shown(system) == [player(0), player(1), player(3), player(4)]
    assert invalidations(system) == before + 1
    record = newest_record(htmlgame)
    assert record["who"].startswith("arn:aws:iam::")
    assert (record["command"], record["outcome"]) == ("remove", "done")
    assert record["arguments"] == {"game": "minesweeper", "period": MONTH, "userId": player(2)}
    assert record["counts"]["removed"] == 1


@pytest.mark.usefixtures("board")
def test_without_a_yes_nothing_is_done(htmlgame: Operator, system: System) -> None:
    before = newest_record(htmlgame) if htmlgame("audit").out.count("\n") > 2 else None
    assert htmlgame(*REMOVE, "--json").error["code"] == "not_confirmed"
    people = htmlgame(*REMOVE)
    assert people.code == 1
    assert "add --yes" in people.err
    assert "Ann" in people.out
    dry = htmlgame(*REMOVE, "--dry-run", "--json").json
    assert (dry["done"], dry["planned"]) == (False, {"entries": 1})
    assert "would remove 1 entry" in htmlgame(*REMOVE, "--dry-run").out
    assert len(standing(system)) == 5
    if before is not None:
        assert newest_record(htmlgame) == before


@pytest.mark.usefixtures("board")
def test_at_a_terminal_the_operator_is_asked(system: System) -> None:
    assert "nothing was changed" in answered(system, b"n\n", 1)
    assert len(standing(system)) == 5
    assert "done: removed 1" in answered(system, b"y\n", 0)
    assert len(standing(system)) == 4


def answered(system: System, answer: bytes, code: int) -> str:
    terminal, its_end = pty.openpty()
    command = subprocess.Popen(
        [ROOT / ".venv/bin/htmlgame", *REMOVE],
        env=os.environ | system.cloud.credentials(),
        stdin=its_end,
        stdout=subprocess.PIPE,
        stderr=its_end,
    )
    os.close(its_end)
    os.write(terminal, answer)
    out = command.communicate()[0].decode()
    asked = os.read(terminal, 65_536).decode()
    os.close(terminal)
    assert command.returncode == code, (out, asked)
    assert f"Remove 1 entry from minesweeper/{MONTH}? [y/N]" in asked
    return out + asked


def test_a_failure_is_recorded_as_one(
    htmlgame: Operator, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OperatorTable, "delete", lambda *_: False)
    error = htmlgame(*REMOVE, "--yes", "--json").error
    assert (error["code"], board) == ("changed", KEY)
    assert newest_record(htmlgame)["outcome"] == "failed: Changed"


def test_an_unreadable_row_can_be_removed(htmlgame: Operator, system: System, board: str) -> None:
    system.cloud.client("dynamodb").update_item(
        TableName=system.parameter(scores.TABLE.parameter),
        Key=packed(row_key(board, player(2))),
        UpdateExpression="REMOVE score",
    )
    said = htmlgame(*REMOVE, "--yes", "--json").json
    assert said["entry"] == {"row": f"U#{player(2)}", "unreadable": "score is missing"}
    assert player(2) not in standing(system)


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize("name", ["remove", "hide", "unhide"])
def test_a_missing_entry_is_reported(htmlgame: Operator, name: str) -> None:
    error = htmlgame(name, "minesweeper", MONTH, "nobody", "--yes", "--json").error
    assert error["code"] == "not_found"
    assert "USER_ID: nobody has no entry" in error["message"]


def to_beat(htmlgame: Operator, period: str) -> Any:
    boards = htmlgame("boards", "--json").json["boards"]
    [board] = [b for b in boards if (b["game"], b["period"]) == ("minesweeper", period)]
    return board["threshold"]


def test_hiding_makes_room_and_showing_again_takes_it(
    htmlgame: Operator, system: System, full_board: str
) -> None:
    key = board_key("minesweeper", full_board)
    assert htmlgame("trim", "minesweeper", "--yes", "--json").json["done"]
    assert to_beat(htmlgame, full_board)["timeMs"] == 100_099
    entry = ("minesweeper", full_board, player(7), "--yes", "--json")
    assert htmlgame("hide", *entry).json["hidden"] == 1
    assert player(7) not in shown(system, period=full_board)
    assert player(7) in standing(system, key)
    assert to_beat(htmlgame, full_board) is None
    assert htmlgame("hide", *entry).json["done"] is False
    again = system.origin.submit(
        "minesweeper", full_board, player(7), score=1, time_ms=50_000, play="hidden"
    )
    assert again.body["results"][full_board]["rank"] == 1
    assert player(7) not in shown(system, period=full_board)
    newcomer = system.origin.submit(
        "minesweeper", full_board, "n" * 22, score=1, time_ms=200_000, play="new"
    )
    assert newcomer.body["results"][full_board]["rank"] == 100
    hidden = htmlgame("top", "minesweeper", full_board, "--hidden", "--json").json["items"]
    assert hidden[0]["userId"] == player(7)
    assert hidden[0]["hiddenAt"]
    assert htmlgame("unhide", *entry).json["unhidden"] == 1
    assert shown(system, period=full_board)[0] == player(7)
    assert "n" * 22 not in standing(system, key)
    assert to_beat(htmlgame, full_board)["timeMs"] == 100_099


@pytest.mark.usefixtures("board")
def test_a_range_is_purged(htmlgame: Operator, system: System) -> None:
    htmlgame("hide", "minesweeper", MONTH, player(3), "--yes")
    arguments = ("purge", "minesweeper", MONTH, "--min-ms", "100001", "--max-ms", "100003")
    people = htmlgame(*arguments, "--dry-run")
    assert "would remove 3 entries" in people.out
    assert people.out.count("Ann") == 3
    said = htmlgame(*arguments, "--yes", "--json").json
    assert (said["planned"], said["removed"]) == ({"entries": 3}, 3)
    assert standing(system) == [player(0), player(4)]
    assert newest_record(htmlgame)["arguments"]["minMs"] == 100_001


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize(
    ("options", "entries"),
    [
        (["--min", "2"], 0),
        (["--max", "1"], 5),
        (["--since", "2026-11-21"], 5),
        (["--since", "2026-11-21T21:00:00.001"], 0),
        (["--since", "2026-11-21T12:00Z", "--until", "2026-11-22"], 5),
        (["--until", "2026-11-20"], 0),
        (["--until", "2026-11-21"], 5),
        (["--until", "2026-11-21T00:00"], 0),
        (["--all"], 5),
    ],
)
def test_a_purge_takes_what_is_within_all_its_ranges(
    htmlgame: Operator, options: list[str], entries: int
) -> None:
    said = htmlgame("purge", "minesweeper", MONTH, *options, "--dry-run", "--json").json
    assert said["planned"] == {"entries": entries}


@pytest.mark.parametrize("options", [["--min", "1"], ["--all"]], ids=["a range", "all"])
def test_a_purge_takes_what_was_shown_and_nothing_that_came_since(
    htmlgame: Operator,
    system: System,
    board: str,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
) -> None:
    def played_on() -> None:
        fill(system.table, board, 6, "Bob")
        system.cloud.client("dynamodb").update_item(
            TableName=system.parameter(scores.TABLE.parameter),
            Key=packed(row_key(board, player(2))),
            UpdateExpression="SET score = :better",
            ExpressionAttributeValues={":better": {"N": "7"}},
        )

    with monkeypatch.context() as patch:
        sit_down(patch, "y\n", played_on)
        said = htmlgame("purge", "minesweeper", MONTH, *options)
    assert said.code == 0, said.err
    assert "Remove 5 entries from" in said.err
    assert "warning: 1 entry left unchanged, because of changes after being shown" in said.err
    assert "done: removed 4, left 1, thresholds" in said.out
    assert standing(system) == [player(2), player(5)]
    counts = newest_record(htmlgame)["counts"]
    assert (counts["removed"], counts["left"]) == (4, 1)


@pytest.mark.usefixtures("board")
def test_the_deletions_of_an_interrupted_purge_are_followed_up(
    htmlgame: Operator, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete, before = OperatorTable.delete, invalidations(system)

    def breaks(table: OperatorTable, row: Row) -> bool:
        if row.user_id == player(3):
            raise Busy
        return delete(table, row)

    with monkeypatch.context() as patch:
        patch.setattr(OperatorTable, "delete", breaks)
        error = htmlgame("purge", "minesweeper", MONTH, "--all", "--yes", "--json").error
    assert error["code"] == Busy.code
    assert player(0) not in standing(system)
    assert invalidations(system) == before + 1


WRONG_PURGES: dict[str, tuple[list[str], str]] = {
    "no range": ([], "give a range"),
    "a range and all": (["--min", "1", "--all"], "and not several of them"),
    "no day": (["--since", "soon"], "--since: 'soon' is no day"),
    "no number": (["--min", "many"], "'many' is not a valid integer"),
}


@pytest.mark.parametrize("name", WRONG_PURGES)
def test_a_purge_of_everything_by_mistake_is_refused(htmlgame: Operator, name: str) -> None:
    options, message = WRONG_PURGES[name]
    said = htmlgame("purge", "minesweeper", MONTH, *options, "--yes", "--json")
    assert said.code == 2
    assert message in said.error["message"]


@pytest.fixture
def played(system: System) -> Iterator[Callable[[str], str]]:
    """A player with an entry on all and on this month's board of snake."""
    keys: list[tuple[str, str]] = []

    def play(user_id: str) -> str:
        reply = system.origin.submit(
            "snake", "all,monthly", user_id, score=5, time_ms=60_000, play=user_id
        )
        periods: list[str] = list(reply.body["results"])
        keys.extend((board_key("snake", period), user_id) for period in periods)
        return periods[1]

    yield play
    client = system.cloud.client("dynamodb")
    for key, user_id in keys:
        client.delete_item(
            TableName=system.parameter(scores.TABLE.parameter), Key=packed(row_key(key, user_id))
        )


def test_a_player_is_found_on_every_board(
    htmlgame: Operator, user_id: str, played: Callable[[str], str]
) -> None:
    month = played(user_id)
    said = htmlgame("player", user_id, "--json").json
    assert said["ban"] is None
    assert [(entry["game"], entry["period"], entry["score"]) for entry in said["entries"]] == [
        ("snake", "all", 5),
        ("snake", month, 5),
    ]
    assert all(entry["rank"] >= 1 for entry in said["entries"])
    people = htmlgame("player", user_id).out
    assert max(map(len, people.splitlines())) <= 80
    assert htmlgame("player", "n" * 22, "--json").json["entries"] == []


@pytest.mark.usefixtures("board")
def test_a_board_of_before_the_table_is_found_when_asked(htmlgame: Operator) -> None:
    assert htmlgame("player", player(3), "--json").json["entries"] == []
    long_ago = htmlgame("player", player(3), "--since", f"{MONTH}-01", "--json").json
    assert [entry["rank"] for entry in long_ago["entries"]] == [4]


def test_a_name_is_changed_on_all_boards_by_the_players_own_rules(
    htmlgame: Operator, system: System, user_id: str, played: Callable[[str], str]
) -> None:
    month = played(user_id)
    said = htmlgame("rename", "snake", user_id, "  Ｚｅｄ\u200b  II ", "--yes", "--json").json
    assert (said["name"], said["renamed"]) == ("Zed II", 2)
    for period in ("all", month):
        items = system.origin.ranking("snake", period).body["items"]
        assert {i["userId"]: i["userName"] for i in items}[user_id] == "Zed II"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "NAME: no visible character; give 1 to 24 characters"),
        ("x" * 25, "NAME: 25 characters; at most 24"),
        ("Ann", "has no entry in snake"),
    ],
)
def test_a_rename_that_cannot_be_is_refused(htmlgame: Operator, name: str, message: str) -> None:
    error = htmlgame("rename", "snake", "n" * 22, name, "--yes", "--json").error
    assert message in error["message"]


def test_a_banned_player_is_refused_at_the_edge_until_the_ban_is_lifted(
    htmlgame: Operator, edge: LocalEdge
) -> None:
    cheat = Player(edge.url, key="an-id-with-a-hyphen-8")
    assert cheat.id.startswith("-")
    of_the_cheat = ("--yes", "--json", "--", cheat.id)
    banned = htmlgame("ban", "--reason", "ずる", *of_the_cheat).json
    assert (banned["banned"], banned["planned"]) == (True, {"bans": 1, "entries": 0})
    [listed] = [b for b in htmlgame("bans", "--json").json["bans"] if b["userId"] == cheat.id]
    assert listed["reason"] == "ずる"
    assert htmlgame("player", "--json", "--", cheat.id).json["ban"] == listed
    assert "ずる" in htmlgame("bans").out
    edge.refresh()
    assert cheat.play(17).code == (403, "banned")
    assert htmlgame("ban", *of_the_cheat).json["done"] is False
    assert htmlgame("unban", *of_the_cheat).json["unbanned"] == 1
    edge.refresh()
    assert cheat.submit(17).status == 200
    assert htmlgame("unban", *of_the_cheat).error["code"] == "not_found"


@pytest.mark.parametrize("fate", ["hide", "remove"])
def test_a_ban_may_take_the_players_entries_with_it(
    htmlgame: Operator, system: System, user_id: str, played: Callable[[str], str], fate: str
) -> None:
    played(user_id)
    arguments = ("ban", user_id, "--entries", fate)
    assert f"would ban {user_id} and {fate} 2 entries" in htmlgame(*arguments, "--dry-run").out
    said = htmlgame(*arguments, "--yes", "--json").json
    assert said["hidden" if fate == "hide" else "removed"] == 2
    assert user_id not in shown(system, "snake", "all")
    assert (user_id in standing(system, board_key("snake", "all"))) == (fate == "hide")
    htmlgame("unban", user_id, "--yes")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ban", "no/such"], "USER_ID: 1 to 64 letters"),
        (["ban", "x", "--reason", "y" * 201], "--reason: 201 characters; at most 200"),
        (["ban", "x", "--entries", "burn"], "'burn' is not one of 'keep', 'hide', 'remove'"),
        (["player", "-abc"], "Write an id that begins with - after --"),
        (["audit", "--month", "2026-13"], "--month: '2026-13' is no month"),
    ],
)
def test_wrong_input_changes_nothing(
    htmlgame: Operator, arguments: list[str], message: str
) -> None:
    said = htmlgame(*arguments, "--json")
    assert said.code == 2
    assert message in said.error["message"]


def test_an_id_that_begins_with_a_hyphen_is_written_after_two(htmlgame: Operator) -> None:
    assert htmlgame("player", "--json", "--", "-abc").json["userId"] == "-abc"


def test_the_audit_is_by_the_month_and_has_no_time_to_live(
    htmlgame: Operator, system: System
) -> None:
    htmlgame("ban", "audited", "--yes")
    htmlgame("unban", "audited", "--yes")
    lines = htmlgame("audit", "--json").json_lines
    assert [line["command"] for line in lines[:2]] == ["unban", "ban"]
    rows = system.raw_rows(f"AUDIT#{lines[0]['at'][:7]}")
    assert len(rows) >= 2
    assert not any("expires" in row for row in rows)
    assert htmlgame("audit", "--month", "2020-01", "--json").json_lines == []
    assert "unban audited" in htmlgame("audit").out


@pytest.mark.usefixtures("board")
def test_over_the_months_budget_the_command_reports_it(htmlgame: Operator, system: System) -> None:
    client, table = system.cloud.client("dynamodb"), system.parameter(scores.TABLE.parameter)
    [ledger] = system.raw_rows("INVALIDATIONS")
    client.put_item(TableName=table, Item=ledger | {"spent": {"N": "1000"}})
    try:
        said = htmlgame(*REMOVE, "--yes", "--json")
    finally:
        client.put_item(TableName=table, Item=ledger)
    assert (said.code, json.loads(said.out)["invalidated"]) == (0, False)
    assert "invalidations are spent" in json.loads(said.err)["warning"]
