"""Every command there is: to people and to programs, asked wrongly, and asked to change something.

A command that is in none of these tables fails here.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import click
import pytest

from config import names
from config.capabilities import scores
from config.environments import LOCAL
from lambdas.edge.distribution import Distribution
from lambdas.edge.patch_plan import plan_patch
from lambdas.scores.table import board_key, row_key
from lambdas.shared.dynamo.items import packed
from lambdas.shared.values.clock import iso
from local.scores.boards import fill
from operations.edge.patch import wanted
from operations.runner.commands import KEY as API_KEY
from operations.scores.bans import Ban, lift_ban, put_ban
from tests.e2e.commands import api_users, functions, insights, players, tunnels
from tests.e2e.commands.stage import Change, Changes, Readings, Stage, Wrongs
from tests.e2e.operator import Operator, Said, sit_down
from tests.e2e.periods import months_ago
from tests.lambdas.edge.test_distribution import make_distribution
from tests.operations.cli.test_reference import COMMANDS
from tests.system import System

T = TypeVar("T")
MONTH = months_ago(7)
"""A month in which nobody else plays."""
BOARD = f"minesweeper/{MONTH}"
KEY = board_key("minesweeper", MONTH)
CHEAT = "cheat-of-the-tables"


def player(number: int) -> str:
    return f"{number:022d}"


@pytest.fixture
def _board(system: System) -> Iterator[None]:
    """Five entries of Ann's, of 100,000 ms and one more each."""
    system.clear(KEY)
    fill(system.table, KEY, 5, "Ann")
    yield
    system.clear(KEY)


READ: Readings = {
    "boards": ([], "to beat", {"boards"}),
    "top": (["minesweeper", MONTH], "1:40.000", {"game", "period", "items"}),
    "player": (
        [player(1), "--since", f"{MONTH}-01"],
        "minesweeper",
        {"userId", "ban", "entries"},
    ),
    "bans": ([], "nobody is banned", {"bans"}),
    "find": (
        ["aNN", "--game", "minesweeper", "--since", f"{MONTH}-01"],
        MONTH,
        {"name", "players"},
    ),
    "edge backups": ([], "backup", {"backups"}),
    "limits": (["snake"], "score.max", {"game", "setAt", "limits"}),
    "thresholds": (["bricks"], "the edge asks", {"thresholds"}),
    "invalidations": ([], " of 1,000 in 20", {"month", "spent", "budget", "games"}),
    "keys show": ([], "origin lock, ", {"tokenKeys", "originLock"}),
    "patch plan": ([], "the distribution is complete", {"changes", "difference", "notices"}),
    "patch verify": ([], "the distribution is complete\n", {"changes"}),
    **players.READ,
    **insights.READ,
    **api_users.READ,
    **tunnels.READ,
    **functions.READ,
}
"""The output for people, and the names in the one document for programs."""
IN_LINES: Readings = {
    "export": (["minesweeper", MONTH], '"end"', {"board", "userId", "end"}),
    "audit": ([], "outcome", {"at"}),
    **players.IN_LINES,
    **insights.IN_LINES,
    **functions.IN_LINES,
}
"""Those that say a document a line: how each begins."""
ELSEWHERE = {"doctor": "test_cli_doctor.py", "creators job": "test_cli_creators.py"}


@pytest.fixture
def stage(system: System, htmlgame: Operator, tmp_path: Path) -> Stage:
    return Stage(system, htmlgame, tmp_path)


@pytest.fixture(autouse=True)
def _no_api_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(API_KEY, raising=False)


@pytest.mark.usefixtures("_board")
@pytest.mark.parametrize("name", READ)
def test_reading_commands_answer_people_and_programs(stage: Stage, name: str) -> None:
    with staged(READ[name], stage) as (arguments, told, keys):
        people = stage.htmlgame(*name.split(), *arguments)
        assert (people.code, people.err) == (0, "")
        assert told in people.out
        assert set(stage.htmlgame(*name.split(), *arguments, "--json").json) == keys


@pytest.mark.usefixtures("_board")
@pytest.mark.parametrize("name", IN_LINES)
def test_long_output_is_written_line_by_line(stage: Stage, name: str) -> None:
    with staged(IN_LINES[name], stage) as (arguments, told, first):
        assert told in stage.htmlgame(*name.split(), *arguments).out
        lines = stage.htmlgame(*name.split(), *arguments, "--json").json_lines
    assert lines
    assert {next(iter(line)) for line in lines} <= first


def staged(
    planned: T | Callable[[Stage], AbstractContextManager[T]], stage: Stage
) -> AbstractContextManager[T]:
    return planned(stage) if callable(planned) else nullcontext(planned)


def of_one_entry(question: str, done: str) -> Change:
    return Change(
        arguments=["minesweeper", MONTH, player(2)],
        question=question,
        shown="1:40.002",
        done=done,
        recorded={"game": "minesweeper", "period": MONTH, "userId": player(2)},
    )


@contextmanager
def hidden(stage: Stage) -> Iterator[Change]:
    stage.system.cloud.client("dynamodb").update_item(
        TableName=stage.system.parameter(scores.TABLE.parameter),
        Key=packed(row_key(KEY, player(2))),
        UpdateExpression="SET hiddenAt = :at",
        ExpressionAttributeValues={":at": {"S": "2026-11-21T12:00:00.000Z"}},
    )
    yield of_one_entry(f"Show 1 entry of {BOARD} again?", "done: unhidden 1, thresholds ")


@contextmanager
def of_a_file(stage: Stage) -> Iterator[Change]:
    row = {"userName": "Bob", "score": 1, "timeMs": 1, "updatedAt": "2026-11-21T12:00:00.000Z"}
    path = stage.folder / "rows.jsonl"
    path.write_text("".join(json.dumps({"userId": each, **row}) + "\n" for each in ("x", "y")))
    yield Change(
        ["minesweeper", MONTH, str(path)],
        question=f"Import 2 rows to {BOARD}, which keeps 100?",
        done="done: rows 2, written 2, kept 0, thresholds ",
        recorded={
            "game": "minesweeper",
            "period": MONTH,
            "file": "rows.jsonl",
            "replace": False,
            "untrimmed": False,
        },
    )


@contextmanager
def wide_limits(stage: Stage) -> Iterator[Change]:
    yield Change(
        ["snake", "--set", "score.max=5000"],
        question="Narrow snake to score.max 5000?",
        shown="score.max       9,999  5,000      5,000",
        done="done: entries ",
        recorded={"game": "snake", "set": {"score.max": 5000}},
    )
    stage.htmlgame("limits", "snake", "--clear", "--yes")


@contextmanager
def narrow_limits(stage: Stage) -> Iterator[Change]:
    stage.htmlgame("limits", "snake", "--set", "score.max=5000", "--yes")
    yield Change(
        ["snake", "--clear"],
        question="Clear the live limits of snake?",
        shown="score.max       9,999     –      9,999",
        done="done: entries ",
        recorded={"game": "snake", "clear": True},
    )


@contextmanager
def at_large(stage: Stage) -> Iterator[Change]:
    yield Change(
        [CHEAT, "--reason", "script"],
        question=f"Ban {CHEAT}, who has no entry on any board?",
        done="done: banned yes\n",
        recorded={"userId": CHEAT, "entries": "keep", "reason": "script"},
    )
    lift_ban(stage.store, CHEAT)


@contextmanager
def banned(stage: Stage) -> Iterator[Change]:
    put_ban(stage.store, Ban(CHEAT, None, None))
    yield Change(
        [CHEAT],
        question=f"Lift the ban of {CHEAT}?",
        done="done: unbanned 1\n",
        recorded={"userId": CHEAT},
    )


@contextmanager
def all_hidden(stage: Stage) -> Iterator[Change]:
    for number in (1, 3):
        stage.htmlgame("hide", "minesweeper", MONTH, player(number), "--yes")
    yield Change(
        ["minesweeper", MONTH, "--all"],
        question=f"Show 2 entries of {BOARD} again?",
        shown="1:40.003",
        done="done: unhidden 2, thresholds ",
        recorded={"game": "minesweeper", "period": MONTH, "all": True},
    )


@contextmanager
def taken_away(stage: Stage) -> Iterator[Change]:
    since = ("--since", f"{MONTH}-01")
    stage.htmlgame("ban", player(1), "--entries", "remove", "--yes", *since)
    yield Change(
        [player(1), "--restore", *since],
        question=f"Lift the ban of {player(1)} and restore 1 entry?",
        shown="1:40.001",
        done="done: unbanned 1, shown 0, restored 1, thresholds ",
        recorded={"userId": player(1), "restore": True},
    )


@contextmanager
def a_creator(_stage: Stage) -> Iterator[Change]:
    creator = str(uuid4())
    yield Change(
        [creator],
        question=f"Erase the unknown creator {creator}?",
        done="done: jobId ",
        recorded={"creatorId": creator},
    )


@contextmanager
def backed_up(stage: Stage) -> Iterator[Change]:
    """The config of the patched distribution, as a backup before another change has it."""
    with wiped(stage):
        stage.htmlgame("patch", "apply", "--yes")
    with distribution_commented(stage, "by hand"):
        [newest, *_] = stage.htmlgame("edge", "backups", "--json").json["backups"]
        yield Change(
            [newest["name"]],
            question="of the live config?",
            shown="by hand",
            done="done: restored yes\n",
            recorded={"backup": newest["name"]},
        )
    stage.htmlgame("patch", "apply", "--yes")


@contextmanager
def distribution_commented(stage: Stage, comment: str) -> Iterator[None]:
    distribution = stage.system.parameter(names.DISTRIBUTION_ID)
    for text in (comment, ""):
        found = stage.cloudfront.get_distribution_config(Id=distribution)
        stage.cloudfront.update_distribution(
            Id=distribution,
            IfMatch=found["ETag"],
            DistributionConfig=found["DistributionConfig"] | {"Comment": text},
        )
        if text:
            yield


@contextmanager
def rested_keys(stage: Stage) -> Iterator[Change]:
    stage.system.forget_edge_key("k_prev")
    yield Change(
        [],
        question="Rotate the token keys and the origin lock?",
        done="done: rotated yes, madeAt 20",
    )


@contextmanager
def wiped(stage: Stage) -> Iterator[Change]:
    distribution = stage.system.parameter(names.DISTRIBUTION_ID)
    found = stage.cloudfront.get_distribution_config(Id=distribution)
    stage.cloudfront.update_distribution(
        Id=distribution,
        IfMatch=found["ETag"],
        DistributionConfig=found["DistributionConfig"] | {"CacheBehaviors": {"Quantity": 0}},
    )
    yield Change(
        [],
        question=" changes to the live distribution?",
        shown="add behaviour /api/scores/*\n",
        done=", left 0\n",
    )


@contextmanager
def left(stage: Stage) -> Iterator[Change]:
    distribution = make_distribution(stage.cloudfront)
    ours = wanted(distribution, LOCAL, stage.system.cloud.client)
    Distribution(stage.cloudfront, distribution).change(
        lambda xml: plan_patch(xml, ours), lambda _: None
    )
    yield Change(
        [distribution],
        question=f" changes to the distribution {distribution}?",
        shown="remove origin htmlgame-scores\n",
        done="done: removed ",
        recorded={"distribution": distribution},
    )
    found = stage.cloudfront.get_distribution_config(Id=distribution)
    off = stage.cloudfront.update_distribution(
        Id=distribution,
        IfMatch=found["ETag"],
        DistributionConfig=found["DistributionConfig"] | {"Enabled": False},
    )
    stage.cloudfront.delete_distribution(Id=distribution, IfMatch=off["ETag"])


CHANGES: Changes = {
    "remove": of_one_entry(f"Remove 1 entry from {BOARD}?", "done: removed 1, thresholds "),
    "hide": of_one_entry(f"Hide 1 entry of {BOARD}?", "done: hidden 1, thresholds "),
    "unhide": hidden,
    "purge": Change(
        ["minesweeper", MONTH, "--min-ms", "100003"],
        question=f"Remove 2 entries from {BOARD}?",
        shown="1:40.004",
        done="done: removed 2, left 0, thresholds ",
        recorded={"game": "minesweeper", "period": MONTH, "minMs": 100_003},
    ),
    "import": of_a_file,
    "ban": at_large,
    "unban": banned,
    "unban --restore": taken_away,
    "unhide --all": all_hidden,
    "creators erase": a_creator,
    "edge restore-backup": backed_up,
    "rename": Change(
        ["minesweeper", player(1), "Bob", "--since", f"{MONTH}-01"],
        question=f"Rename 1 entry of {player(1)} to Bob?",
        shown="1:40.001",
        done="done: renamed 1, thresholds ",
        recorded={"game": "minesweeper", "userId": player(1), "name": "Bob"},
    ),
    "limits --set": wide_limits,
    "limits --clear": narrow_limits,
    "trim": Change(
        ["bricks"],
        question=" boards to their top N?",
        done=", running on 0\n",
        recorded={"game": "bricks"},
    ),
    "keys rotate": rested_keys,
    "patch apply": wiped,
    "patch remove": left,
    **players.CHANGES,
    **api_users.CHANGES,
    **insights.CHANGES,
    **tunnels.CHANGES,
}


@pytest.mark.usefixtures("_board")
@pytest.mark.parametrize("name", CHANGES)
def test_a_changing_command_asks_and_proceeds_for_a_yes_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    command, htmlgame, system = name.partition(" --")[0], stage.htmlgame, stage.system
    with staged(CHANGES[name], stage) as change:
        words = [*command.split(), *change.arguments]

        def answered(typed: str) -> Said:
            with monkeypatch.context() as patch:
                sit_down(patch, typed)
                said = htmlgame(*words)
            assert change.question in said.err
            assert change.shown in said.out
            return said

        before = records(system)
        assert htmlgame(*words, "--json").error["code"] == "not_confirmed"
        dry = htmlgame(*words, "--dry-run")
        assert (dry.code, dry.err) == (0, "")
        assert change.question.removesuffix("?").strip().lower() in unwrapped(dry.out).lower()
        no, end = answered("n\n"), answered("")
        assert (no.code, no.err.rstrip().endswith("nothing was changed")) == (1, True)
        assert (end.code, end.err.rstrip().endswith("interrupted")) == (130, True)
        assert records(system) == before
        yes = answered("y\n")
        assert yes.code == 0, yes.err
        assert change.done in unwrapped(yes.out)
        [record] = [each for each in records(system) if each not in before]
        assert (record["command"], record["outcome"]) == (command, "done")
        assert record["arguments"] == change.recorded
        if change.again:
            again = htmlgame(*words, "--yes")
            assert change.again in unwrapped(again.out + again.err)


def unwrapped(text: str) -> str:
    """As one line: long sentences are wrapped to the width of the output."""
    return " ".join(text.split()) + "\n"


def records(system: System) -> list[dict[str, Any]]:
    """Of this month."""
    rows = system.raw_rows(f"AUDIT#{iso(time.time_ns() // 1_000_000)[:7]}")
    return [
        {
            "at": row["SK"]["S"],
            "command": row["command"]["S"],
            "arguments": json.loads(row["arguments"]["S"]),
            "outcome": row["outcome"]["S"],
        }
        for row in rows
    ]


NO_GAME = "GAME: there is no 'nosuch'"
NO_PERIOD = "period: 'fortnightly' is not one of"
NO_ID = "USER_ID: 1 to 64 letters"
WRONG: Wrongs = {
    "boards": [(["--past", "-1"], 2, "'--past': -1 is not in the range")],
    "top": [(["nosuch"], 2, NO_GAME), (["snake", "fortnightly"], 1, NO_PERIOD)],
    "remove": [
        (["nosuch", "all", "x"], 2, NO_GAME),
        (["snake", "fortnightly", "x"], 1, NO_PERIOD),
        (["snake", "all", "nobody"], 1, "USER_ID: nobody has no entry on snake/all"),
    ],
    "hide": [(["nosuch", "all", "x"], 2, NO_GAME), (["snake", "fortnightly", "x"], 1, NO_PERIOD)],
    "unhide": [
        (["nosuch", "all", "x"], 2, NO_GAME),
        (["snake", "all"], 2, "give a USER_ID or --all"),
    ],
    "purge": [(["nosuch", "all", "--all"], 2, NO_GAME), (["snake", "all"], 2, "give a range")],
    "export": [
        (["nosuch", "all"], 2, NO_GAME),
        (["snake", "fortnightly"], 1, NO_PERIOD),
        (["snake", "all", "--output", "/no/such/file"], 2, "--output: No such file"),
    ],
    "import": [
        (["nosuch", "all", "-"], 2, NO_GAME),
        (["snake", "all", "/no/such/file"], 2, "FILE: No such file"),
        (["snake", "all", "-", "--dry-run"], 2, "stdin can be read only once"),
    ],
    "player": [(["no/such"], 2, NO_ID), (["x", "--since", "soon"], 2, "'soon' is no day")],
    "ban": [(["no/such"], 2, NO_ID), (["x", "--entries", "burn"], 2, "'burn' is not one of")],
    "unban": [(["no/such"], 2, NO_ID), (["nobody"], 1, "USER_ID: nobody is not banned")],
    "rename": [
        (["nosuch", "x", "Bob"], 2, NO_GAME),
        (["snake", "no/such", "Bob"], 2, NO_ID),
        (["snake", "nobody", ""], 1, "NAME: no visible character; give 1 to 24 characters"),
    ],
    "limits": [
        (["nosuch"], 2, NO_GAME),
        (["snake", "--set", "lives=3"], 2, "'lives' is not one of"),
    ],
    "thresholds": [(["nosuch"], 2, NO_GAME)],
    "trim": [(["nosuch"], 2, NO_GAME)],
    "find": [
        ([""], 1, "NAME: no visible character; give 1 to 24 characters"),
        (["x", "--game", "nosuch"], 2, NO_GAME),
    ],
    "creators erase": [(["ann"], 2, "CREATOR_ID: 'ann' is not a UUID")],
    "creators job": [
        (["ann"], 2, "JOB_ID: 'ann' is not a UUID"),
        (["019aa000-0000-7000-8000-000000000000"], 1, "there is no job 019aa000"),
    ],
    "edge restore-backup": [
        ([], 2, "Missing argument 'BACKUP'"),
        (["2020-01-01"], 1, "BACKUP: there is no backup '2020-01-01' of "),
    ],
    "patch remove": [
        ([], 2, "Missing argument 'DISTRIBUTION'"),
        (["ENOSUCH"], 1, "NoSuchDistribution"),
    ],
    "audit": [
        (["--month", "2026-13"], 2, "'2026-13' is no month"),
        (["--limit", "0"], 2, "'--limit': 0 is not in the range"),
    ],
    **players.WRONG,
    **insights.WRONG,
    **api_users.WRONG,
    **functions.WRONG,
    **tunnels.WRONG,
}
"""Every command that takes anything of its own."""
ASKED_WRONGLY = [
    (name, *asked)
    for name, cases in [
        *WRONG.items(),
        *((each, [(["--nosuch"], 2, "No such option '--nosuch'")]) for each in COMMANDS),
    ]
    for asked in cases
]


@pytest.mark.parametrize(
    ("name", "arguments", "code", "message"),
    ASKED_WRONGLY,
    ids=[" ".join([name, *arguments]) for name, arguments, *_ in ASKED_WRONGLY],
)
def test_a_wrong_command_is_reported_to_people_and_to_programs(
    htmlgame: Operator, name: str, arguments: list[str], code: int, message: str
) -> None:
    people = htmlgame(*name.split(), *arguments)
    programs = htmlgame(*name.split(), *arguments, "--json")
    assert (people.code, people.out, programs.code) == (code, "", code)
    assert message in people.err
    assert message in programs.error["message"]


SOMETHING: dict[str, list[str]] = {
    "top": ["snake"],
    "remove": ["snake", "all", "x"],
    "hide": ["snake", "all", "x"],
    "unhide": ["snake", "all", "x"],
    "purge": ["snake", "all", "--all"],
    "player": ["x"],
    "ban": ["x"],
    "unban": ["x"],
    "find": ["x"],
    "creators erase": ["019aa000-0000-7000-8000-000000000000"],
    "creators job": ["019aa000-0000-7000-8000-000000000000"],
    "edge restore-backup": ["x"],
    "rename": ["snake", "x", "Bob"],
    "export": ["snake", "all"],
    "import": ["snake", "all", "-"],
    "limits": ["snake"],
    **players.SOMETHING,
    **insights.SOMETHING,
    **api_users.SOMETHING,
    **functions.SOMETHING,
    **tunnels.SOMETHING,
}
"""The required arguments of each command."""


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {*ELSEWHERE, "patch remove"}))
def test_without_a_deployed_system_the_fix_is_shown(
    htmlgame: Operator, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(variable, "eu-north-1")
    yes = ["--yes"] if is_change(COMMANDS[name]) else []
    said = htmlgame(*name.split(), *SOMETHING.get(name, []), *yes, "--json")
    assert (said.code, said.error["code"]) == (1, "not_deployed")
    assert "deploy " in said.error["message"]


def test_where_nothing_is_deployed_the_doctor_names_every_stack(
    htmlgame: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(variable, "eu-north-1")
    said = htmlgame("doctor")
    assert said.code == 1
    for stack in ("FrontStack", "EdgeStack", "ScoreApiStack", "TelemetryStack", "OpsStack"):
        assert stack in said.out
    assert "the check itself failed" not in said.out


def is_change(command: click.Command) -> bool:
    return any("--yes" in parameter.opts for parameter in command.params)


def takes_something(command: click.Command) -> bool:
    everywhere = {"--json", "--local", "--yes", "--dry-run"}
    return any(
        not getattr(parameter, "is_flag", False) and not everywhere & {*parameter.opts}
        for parameter in command.params
    )


def test_no_command_is_forgotten() -> None:
    changing = {name for name, command in COMMANDS.items() if is_change(command)}
    taking = {name for name, command in COMMANDS.items() if takes_something(command)}
    assert {name.partition(" --")[0] for name in CHANGES} == changing
    assert READ.keys() | IN_LINES.keys() | ELSEWHERE.keys() >= COMMANDS.keys() - changing
    assert WRONG.keys() == taking
