"""htmlgame remove, hide and unhide: entries of one board"""

from collections.abc import Callable
from inspect import cleandoc
from typing import Final

import click

from lambdas.shared.values.clock import from_iso, iso
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.moments import last_ms, moment_ms
from operations.cli.output import Json, counted
from operations.cli.session import Session
from operations.errors import NotFound, OperatorError, WrongArgument
from operations.scores.boards import Board
from operations.scores.entries import row_document, show_rows
from operations.scores.operator_table import Row
from operations.scores.scores import Scores
from operations.scores.settle import settle, settled

MOST_SHOWN: Final = 10


class Changed(OperatorError):
    code = "changed"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has changed since it was shown: run the command again")


def board_named(session: Session, game: str, period: str) -> Board:
    scores = session.own(Scores)
    rules = scores.game(game)
    return Board(rules, scores.period(rules, period))


def _row_of(session: Session, board: Board, user_id: str) -> Row:
    row = session.own(Scores).table.row(board.key, user_id)
    if row is None:
        raise NotFound(f"USER_ID: {user_id} has no entry on {board.name}")
    return row


def _one_entry(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command on the entry of one player on one board."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @command(name)
        @click.argument("game")
        @click.argument("period")
        @click.argument("user_id")
        @changes
        def run(session: Session, consent: Consent, game: str, period: str, user_id: str) -> None:
            board = board_named(session, game, period)
            function(session, consent, board, _row_of(session, board, user_id))

        run.help = cleandoc(function.__doc__ or "")
        return run

    return decorate


@_one_entry("remove")
def remove(session: Session, consent: Consent, board: Board, row: Row) -> None:
    """Delete an entry, even one that is unreadable.

    The board's reserve fills the gap. The player may submit again; see ban.
    """

    def act() -> Json:
        session.own(Scores).table.forget_reserved(row.board, row.user_id)
        if not session.own(Scores).table.delete(row):
            raise Changed(row.name)
        return {"removed": 1, **settle(session, [board])}

    change = _change("remove", f"Remove 1 entry from {board.name}", board, row)
    carry_out(session, consent, change, act, lambda: show_rows(session, [row]))


@_one_entry("hide")
def hide(session: Session, consent: Consent, board: Board, row: Row) -> None:
    """Hide an entry from everybody but its player.

    A hidden entry has no rank on the board, and stays hidden when its player
    submits a better one.
    """

    def act() -> Json:
        if not session.own(Scores).table.hide(row, iso(session.now_ms)):
            raise Changed(row.name)
        return {"hidden": 1, **settle(session, [board])}

    nothing = "the entry is hidden already" if row.entry and row.entry.hidden_at else None
    change = _change("hide", f"Hide 1 entry of {board.name}", board, row, nothing)
    carry_out(session, consent, change, act, lambda: show_rows(session, [row]))


@command("unhide")
@click.argument("game")
@click.argument("period")
@click.argument("user_id", required=False)
@click.option("--all", "everything", is_flag=True, help="Every hidden entry of the board.")
@click.option("--since", help="With --all: entries hidden from this day or time on.")
@click.option("--until", help="With --all: entries hidden up to this time, or this day's end.")
@changes
def unhide(
    session: Session,
    consent: Consent,
    game: str,
    period: str,
    user_id: str | None,
    *,
    everything: bool,
    since: str | None,
    until: str | None,
) -> None:
    """Show a hidden entry again, or with --all every hidden entry of a board.

    If the board is full, its last entries move to the reserve to make room.
    """
    if everything == (user_id is not None):
        raise WrongArgument("unhide", "give a USER_ID or --all, and not both")
    if not everything and (since or until):
        raise WrongArgument("unhide", "--since and --until need --all")
    board = board_named(session, game, period)
    if user_id is None:
        _unhide_all(session, consent, board, since, until)
    else:
        _unhide_one(session, consent, board, _row_of(session, board, user_id))


def _unhide_one(session: Session, consent: Consent, board: Board, row: Row) -> None:
    def act() -> Json:
        if not session.own(Scores).table.unhide(row):
            raise Changed(row.name)
        return {"unhidden": 1, **settle(session, [board])}

    nothing = "the entry is not hidden" if row.entry and not row.entry.hidden_at else None
    change = _change("unhide", f"Show 1 entry of {board.name} again", board, row, nothing)
    carry_out(session, consent, change, act, lambda: show_rows(session, [row]))


def _unhide_all(
    session: Session, consent: Consent, board: Board, since: str | None, until: str | None
) -> None:
    table, zone = session.own(Scores).table, board.game.timezone
    first = None if since is None else moment_ms("--since", since, zone)
    last = None if until is None else last_ms("--until", until, zone)
    hidden = [
        row
        for row in table.whole_rows(board.key)
        if row.entry and row.entry.hidden_at and _within(from_iso(row.entry.hidden_at), first, last)
    ]

    def act() -> Json:
        return settled(
            session, [board], lambda: {"unhidden": sum(table.unhide(row) for row in hidden)}
        )

    given = {"since": since, "until": until}
    change = Change(
        "unhide",
        {
            "game": board.game.id,
            "period": board.period.id,
            "all": True,
            **{name: text for name, text in given.items() if text is not None},
        },
        f"Show {counted(len(hidden), 'entry')} of {board.name} again",
        planned={"entries": len(hidden)},
        nothing=None if hidden else f"no such entry of {board.name} is hidden",
        document={"first": [row_document(row) for row in hidden[:MOST_SHOWN]]},
    )
    carry_out(session, consent, change, act, lambda: show_some(session, hidden))


def _within(moment: int, first: int | None, last: int | None) -> bool:
    return (first is None or first <= moment) and (last is None or moment <= last)


def show_some(session: Session, rows: list[Row]) -> None:
    show_rows(session, rows[:MOST_SHOWN])
    if len(rows) > MOST_SHOWN:
        session.output.say(f"… and {len(rows) - MOST_SHOWN:,} more")


def _change(name: str, sentence: str, board: Board, row: Row, nothing: str | None = None) -> Change:
    return Change(
        name,
        {"game": board.game.id, "period": board.period.id, "userId": row.user_id},
        sentence,
        planned={"entries": 1},
        nothing=nothing,
        document={"entry": row_document(row)},
    )
