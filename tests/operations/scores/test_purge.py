"""A purge takes a flood from boards and reserves, and shows what returns."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.environments import LOCAL
from lambdas.scores.boards import submit
from lambdas.scores.errors import UnknownPeriod
from lambdas.scores.periods import EVER, period_at
from lambdas.scores.rules import in_order, visible
from lambdas.scores.table import ScoreTable
from lambdas.scores.trimming import trim
from lambdas.shared.values.clock import from_iso
from operations.cli.main import root
from operations.cli.output import Output
from operations.cli.session import Session
from operations.cli.target import Target
from operations.errors import WrongArgument
from operations.scores import purge_commands, settle
from operations.scores.boards import Board
from operations.scores.scores import Scores
from tests.lambdas.scores.plays import Play

NOW_MS = from_iso("2026-11-21T12:00:00.000Z")
BEFORE_MS = from_iso("2026-11-21T08:00:00.000Z")
FLOOD_MS = from_iso("2026-11-21T08:30:00.000Z")
TOP = 10
PERIODS = "all,monthly"
SINCE = ("--since", "2026-11-21T08:30:00Z")


@pytest.fixture
def session(table: ScoreTable, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A table of this test's own; the trim runs here, as its function does."""
    target = SimpleNamespace(
        shared=lambda _: table._client,
        environment=LOCAL,
        identity="arn:aws:iam::123456789012:user/ann",
        is_local=True,
    )
    made = Session(cast("Target", target), Output(as_json=True))
    made.now_ms = NOW_MS
    monkeypatch.setattr(Session, "parameter", lambda *_: "scores")
    monkeypatch.setattr(settle, "settle", _trim)
    games = made.own(Scores).games
    games._games["snake"] = replace(games.named("snake"), top_n=TOP)
    return made


def _trim(session: Session, boards: list[Board]) -> dict[str, int]:
    table = session.own(Scores).table
    promoted = [trim(table, each.game, each.period.id, lambda: True).promoted for each in boards]
    return {"promoted": sum(promoted)}


def boards(session: Session) -> list[Board]:
    rules = session.own(Scores).game("snake")
    month = period_at("monthly", rules.timezone, NOW_MS)
    return [Board(rules, EVER), Board(rules, month)]


def play(session: Session, user_id: str, score: int, at: int) -> None:
    chosen = boards(session)
    submission = Play(user_id, score, 60_000, at, user_id).submission(
        chosen[0].game, *(each.period for each in chosen)
    )
    submit(session.own(Scores).table, submission)


def seen(session: Session) -> list[list[tuple[str, int]]]:
    table = session.own(Scores).table
    return [
        [
            (each.user_id, each.score)
            for each in in_order(board.game.order, visible(table.rows(board.key)))
        ]
        for board in boards(session)
    ]


@pytest.fixture
def before(session: Session) -> list[list[tuple[str, int]]]:
    """Full boards, as honest players left them."""
    for number in range(TOP):
        play(session, f"honest{number}", 10 + number, BEFORE_MS)
    return seen(session)


def flood(session: Session, number: int = TOP + 5) -> None:
    for each in range(number):
        play(session, f"Bot{each:02}", 300 + each, FLOOD_MS)


def call(session: Session, *arguments: str) -> None:
    """The command itself, with this session."""
    command = root.get_command(cast("Any", None), "purge")
    assert command is not None
    with command.make_context("purge", ["snake", *arguments]) as made:
        given = {k: v for k, v in made.params.items() if k not in {"as_json", "local"}}
        inner: Any = purge_commands.purge.callback
        inner.__wrapped__(session, **given)


def run(session: Session, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    call(session, *arguments)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("range_", [SINCE, ("--name", "bOT*"), ("--min", "300")])
def test_a_vandalised_board_is_as_before_after_one_purge(
    session: Session,
    before: list[list[tuple[str, int]]],
    capsys: pytest.CaptureFixture[str],
    range_: tuple[str, str],
) -> None:
    flood(session)
    assert all(user_id.startswith("Bot") for board in seen(session) for user_id, _ in board)
    preview = run(session, capsys, PERIODS, *range_, "--dry-run")
    assert preview["planned"] == {"entries": 20, "reserved": 10}
    assert len(preview["returning"]) == 20
    assert preview["returning"][0]["userId"] == "honest9"
    done = run(session, capsys, PERIODS, *range_, "--yes")
    assert (done["removed"], done["left"], done["promoted"]) == (30, 0, 20)
    assert seen(session) == before


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(
    ("flooded", "said"),
    [
        (4, "then 4 entries return from the reserve, the best first: honest3 (13)"),
        (1, "then 1 entry returns from the reserve, the best first: honest0 (10)"),
    ],
)
def test_a_preview_says_what_returns(
    session: Session, capsys: pytest.CaptureFixture[str], flooded: int, said: str
) -> None:
    flood(session, flooded)
    session.output = Output(as_json=False)
    call(session, "all", *SINCE, "--dry-run")
    printed = capsys.readouterr()
    assert said in " ".join((printed.out + printed.err).split())


@pytest.mark.usefixtures("before")
def test_a_purge_of_everything_leaves_no_reserve_to_return(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    flood(session, 4)
    done = run(session, capsys, "all", "--all", "--yes")
    assert (done["removed"], done["promoted"]) == (14, 0)
    assert seen(session)[0] == []
    assert len(seen(session)[1]) == TOP


@pytest.mark.usefixtures("before")
def test_entries_outside_the_ranges_stay_and_the_rest_of_the_reserve_returns(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    flood(session, 6)
    done = run(session, capsys, "all", "--name", "bot0?", "--max", "302", "--yes")
    assert (done["removed"], done["promoted"]) == (3, 3)
    names = [user_id for user_id, _ in seen(session)[0]]
    assert names[:4] == ["Bot05", "Bot04", "Bot03", "honest9"]
    assert names[-1] == "honest3"


def test_a_period_that_the_game_has_not_is_refused(session: Session) -> None:
    with pytest.raises(UnknownPeriod, match="'nosuch' is not one of this game's periods"):
        call(session, "all,nosuch", "--min", "1", "--yes")


def test_a_purge_needs_a_range(session: Session) -> None:
    with pytest.raises(WrongArgument, match="give a range"):
        call(session, "all", "--yes")


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (("--min", "9"), ("--max", "3")),
        (("--min-ms", "9"), ("--max-ms", "3")),
        (("--since", "2026-11-22"), ("--until", "2026-11-21")),
    ],
)
def test_a_range_in_which_nothing_can_be_is_a_mistake(
    session: Session, low: tuple[str, str], high: tuple[str, str]
) -> None:
    with pytest.raises(WrongArgument, match=f"{low[0]}: it is beyond {high[0]}"):
        call(session, "all", *low, *high, "--yes")


@pytest.mark.parametrize("key", ["X#ann", "ann", "U", "u#ann"])
def test_a_row_whose_key_is_no_players_can_be_removed(
    session: Session, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    play(session, "ann", 5, BEFORE_MS)
    table, board = session.own(Scores).table, boards(session)[0]
    table._put({"PK": board.key, "SK": key, "score": 1})
    assert run(session, capsys, "all", "--unreadable", "--yes")["removed"] == 1
    assert [row.name for row in table.partition(board.key)] == ["U#ann"]


def test_an_operator_sees_the_reserve_apart_from_the_board(session: Session) -> None:
    for number in range(TOP + 1):
        play(session, f"p{number:02}", number, BEFORE_MS)
    table = session.own(Scores).table
    board = boards(session)[0]
    assert len(list(table.whole_rows(board.key))) == TOP
    [row] = [row for row in table.partition(board.key) if row.in_reserve]
    assert (row.user_id, row.name) == ("p00", "R#p00")
