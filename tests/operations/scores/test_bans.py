"""A ban that took entries away can be undone, as far as what it took is known."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.environments import LOCAL
from lambdas.scores.table import ScoreTable
from lambdas.scores.trimming import trim
from lambdas.shared.dynamo.items import unpacked
from lambdas.shared.values.clock import from_iso, iso
from operations.cli.main import root
from operations.cli.output import Output
from operations.cli.session import Session
from operations.cli.target import Target
from operations.edge.store import Store
from operations.errors import NotFound
from operations.scores import ban_commands, settle
from operations.scores.boards import Board, boards_of
from operations.scores.removed_rows import KEPT_DAYS, RemovedRows
from operations.scores.scores import Scores
from tests.lambdas.scores.plays import Play

NOW = "2026-11-21T12:00:00.000Z"
NOW_MS = from_iso(NOW)


class MemoryStore:
    """The edge's store, as bans use it."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.held.get(key)

    def write(self, changes: Any) -> None:
        self.held = {
            k: v for k, v in (self.held | changes.puts).items() if k not in changes.deletes
        }


@pytest.fixture
def session(table: ScoreTable, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A table of this test's own, and nothing else of AWS."""
    target = SimpleNamespace(
        shared=lambda _: table._client,
        environment=LOCAL,
        identity="arn:aws:iam::123456789012:user/ann",
        is_local=True,
    )
    made = Session(cast("Target", target), Output(as_json=True))
    made.now_ms = NOW_MS
    monkeypatch.setattr(Session, "parameter", lambda *_: "scores")
    monkeypatch.setattr(settle, "settle", lambda *_: {})
    monkeypatch.setitem(made.own(Scores).__dict__, "since_ms", NOW_MS)
    made._owned[Store] = MemoryStore()
    return made


def board(session: Session, name: str = "snake/all") -> Board:
    found = boards_of(session.own(Scores).games, session.now_ms, past=0)
    return next(each for each in found if each.name == name)


def play(session: Session, user_id: str, score: int) -> None:
    chosen = board(session)
    entry = Play(user_id, score, 5, 1, user_id).entry(chosen.game)
    session.own(Scores).table.put(chosen.key, entry, '{"level":1}')


def run(session: Session, *arguments: str) -> None:
    """The command itself, with this session."""
    name, *rest = arguments
    context = root.get_command(cast("Any", None), name)
    assert context is not None
    with context.make_context(name, [*rest, "--yes"]) as made:
        given = {k: v for k, v in made.params.items() if k not in {"as_json", "local"}}
        commands = {"ban": ban_commands.ban, "unban": ban_commands.unban}
        inner: Any = commands[name].callback
        inner.__wrapped__(session, **given)


def entries(session: Session, user_id: str) -> list[tuple[int, str | None]]:
    row = session.own(Scores).table.row(board(session).key, user_id)
    return [] if row is None or row.entry is None else [(row.entry.score, row.entry.hidden_at)]


@pytest.mark.parametrize("fate", ["hide", "remove"])
def test_entries_removed_by_a_ban_are_restored(session: Session, fate: str) -> None:
    play(session, "ann", 30)
    run(session, "ban", "ann", "--entries", fate)
    assert entries(session, "ann") == ([(30, NOW)] if fate == "hide" else [])
    session.now_ms = NOW_MS + 60_000
    run(session, "unban", "ann", "--restore")
    assert entries(session, "ann") == [(30, None)]
    row = session.own(Scores).table.row(board(session).key, "ann")
    assert row is not None
    assert row.meta == '{"level":1}'


@pytest.mark.parametrize("fate", ["hide", "remove"])
def test_a_banned_player_does_not_come_back_from_a_reserve(session: Session, fate: str) -> None:
    chosen, table = board(session), session.own(Scores).table
    play(session, "ann", 30)
    assert table.retire(chosen.key, Play("ann", 30, 5, 1, "ann").entry(chosen.game))
    run(session, "ban", "ann", "--entries", fate)
    assert trim(table, chosen.game, chosen.period.id, lambda: True).promoted == 0
    assert entries(session, "ann") == []
    session.now_ms = NOW_MS + 60_000
    run(session, "unban", "ann", "--restore")
    trim(table, chosen.game, chosen.period.id, lambda: True)
    assert entries(session, "ann") == [(30, None)]


def test_without_restore_entries_stay_as_they_are(session: Session) -> None:
    play(session, "ann", 30)
    run(session, "ban", "ann", "--entries", "hide")
    run(session, "unban", "ann")
    assert entries(session, "ann") == [(30, NOW)]


def test_an_entry_that_an_operator_hid_for_another_reason_stays_hidden(session: Session) -> None:
    play(session, "ann", 30)
    table = session.own(Scores).table
    row = table.row(board(session).key, "ann")
    assert row is not None
    before = iso(NOW_MS - 1000)
    table.hide(row, before)
    run(session, "ban", "ann", "--entries", "hide")
    run(session, "unban", "ann", "--restore")
    assert entries(session, "ann") == [(30, before)]


def test_a_better_entry_of_the_player_is_kept(session: Session) -> None:
    play(session, "ann", 30)
    run(session, "ban", "ann", "--entries", "remove")
    play(session, "ann", 40)
    run(session, "unban", "ann", "--restore")
    assert entries(session, "ann") == [(40, None)]


def test_a_ban_that_was_lifted_before_can_still_be_undone_once(session: Session) -> None:
    play(session, "ann", 30)
    run(session, "ban", "ann", "--entries", "remove")
    run(session, "unban", "ann")
    run(session, "unban", "ann", "--restore")
    assert entries(session, "ann") == [(30, None)]
    with pytest.raises(NotFound, match="not banned and has no entry to restore"):
        run(session, "unban", "ann", "--restore")


def test_removed_rows_expire_by_themselves(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    play(session, "ann", 30)
    run(session, "ban", "ann", "--entries", "remove")
    planned = json.loads(capsys.readouterr().out)
    assert planned["removed"] == 1
    client = session.target.shared("dynamodb")
    [item] = [
        unpacked(each)
        for each in client.scan(TableName="scores")["Items"]
        if each["PK"]["S"] == "UNDO#ann"
    ]
    assert item["expires"] == NOW_MS // 1000 + KEPT_DAYS * 86_400


def test_a_crash_between_keeping_and_deleting_loses_and_doubles_nothing(session: Session) -> None:
    play(session, "ann", 30)
    row = session.own(Scores).table.row(board(session).key, "ann")
    assert row is not None
    kept = RemovedRows(session.target.shared("dynamodb"), "scores")
    kept.keep([row], NOW_MS)
    run(session, "ban", "ann")
    run(session, "unban", "ann", "--restore")
    assert entries(session, "ann") == [(30, None)]
    assert list(kept.of("ann")) == []
