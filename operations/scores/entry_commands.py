"""htmlgame remove, hide, unhide and purge: entries of one board"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Final, Self

import click

from lambdas.scores.periods import from_iso, iso
from lambdas.scores.rules import Entry
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.moments import last_ms, moment_ms
from operations.cli.output import Json, counted, duration, short_time
from operations.cli.parallel import each
from operations.cli.session import Session
from operations.errors import NotFound, OperatorError, WrongArgument
from operations.scores.boards import Board
from operations.scores.operator_table import Row
from operations.scores.settle import settle, settled

_SHOWN: Final = 10


class Changed(OperatorError):
    code = "changed"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has changed since it was shown: look again")


def _one_entry(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command on the entry of one player on one board."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @command(name)
        @click.argument("game")
        @click.argument("period")
        @click.argument("user_id")
        @changes
        def run(session: Session, consent: Consent, game: str, period: str, user_id: str) -> None:
            rules = session.game(game)
            board = Board(rules, session.period(rules, period))
            row = session.table.row(board.key, user_id)
            if row is None:
                raise NotFound(f"USER_ID: {user_id} has no entry on {board.name}")
            function(session, consent, board, row)

        run.help = cleandoc(function.__doc__ or "")
        return run

    return decorate


@_one_entry("remove")
def remove(session: Session, consent: Consent, board: Board, row: Row) -> None:
    """Delete an entry, readable or not.

    Its player may submit again; see ban.
    """

    def act() -> Json:
        if not session.table.delete(row):
            raise Changed(row.name)
        return {"removed": 1, **settle(session, [board])}

    change = _change_of("remove", f"Remove 1 entry from {board.name}", board, row)
    carry_out(session, consent, change, act, lambda: show_rows(session, [row]))


@_one_entry("hide")
def hide(session: Session, consent: Consent, board: Board, row: Row) -> None:
    """Hide an entry from everybody but its player.

    It stays hidden when its player does better, and makes room for another.
    """

    def act() -> Json:
        if not session.table.hide(row, iso(session.now_ms)):
            raise Changed(row.name)
        return {"hidden": 1, **settle(session, [board])}

    nothing = "it is hidden already" if row.entry and row.entry.hidden_at else None
    change = _change_of("hide", f"Hide 1 entry of {board.name}", board, row, nothing)
    carry_out(session, consent, change, act, lambda: show_rows(session, [row]))


@_one_entry("unhide")
def unhide(session: Session, consent: Consent, board: Board, row: Row) -> None:
    """Show a hidden entry again.

    Where the board is full, what is then last falls off.
    """

    def act() -> Json:
        if not session.table.unhide(row):
            raise Changed(row.name)
        return {"unhidden": 1, **settle(session, [board])}

    nothing = "it is not hidden" if row.entry and not row.entry.hidden_at else None
    change = _change_of("unhide", f"Show 1 entry of {board.name} again", board, row, nothing)
    carry_out(session, consent, change, act, lambda: show_rows(session, [row]))


def _change_of(
    name: str, sentence: str, board: Board, row: Row, nothing: str | None = None
) -> Change:
    return Change(
        name,
        {"game": board.game.id, "period": board.period.id, "userId": row.user_id},
        sentence,
        planned={"entries": 1},
        nothing=nothing,
        document={"entry": row_document(row)},
    )


@dataclass(frozen=True, slots=True)
class _Range:
    lowest: int | None
    highest: int | None
    lowest_ms: int | None
    highest_ms: int | None
    since_ms: int | None
    until_ms: int | None

    @classmethod
    def of(cls, given: Json, timezone: str) -> Self:
        since, until = given.get("since"), given.get("until")
        return cls(
            given.get("min"),
            given.get("max"),
            given.get("minMs"),
            given.get("maxMs"),
            None if since is None else moment_ms("--since", since, timezone),
            None if until is None else last_ms("--until", until, timezone),
        )

    def has(self, entry: Entry) -> bool:
        return (
            _within(entry.score, self.lowest, self.highest)
            and _within(entry.time_ms, self.lowest_ms, self.highest_ms)
            and _within(from_iso(entry.updated_at), self.since_ms, self.until_ms)
        )


def _within(value: int, lowest: int | None, highest: int | None) -> bool:
    return (lowest is None or lowest <= value) and (highest is None or value <= highest)


@command("purge")
@click.argument("game")
@click.argument("period")
@click.option("--min", type=int, help="Scores from this one up.")
@click.option("--max", type=int, help="Scores up to this one.")
@click.option("--min-ms", "minMs", type=int, help="Plays that took so long or longer.")
@click.option("--max-ms", "maxMs", type=int, help="Plays that took so long or less.")
@click.option("--since", help="Plays from this day or time on.")
@click.option("--until", help="Plays up to this time, or to the end of this day.")
@click.option("--all", "everything", is_flag=True, help="The whole board, unreadable rows too.")
@changes
def purge(
    session: Session, consent: Consent, game: str, period: str, *, everything: bool, **ranges: Json
) -> None:
    """Delete the entries of a board that are within all the ranges given.

    Days and times without an offset are in the game's time zone.
    """
    rules = session.game(game)
    board = Board(rules, session.period(rules, period))
    given = {name: value for name, value in ranges.items() if value is not None}
    if everything == bool(given):
        raise WrongArgument("purge", "give a range, such as --min 5000, or --all, and not both")
    doomed = _doomed(session, board, None if everything else _Range.of(given, rules.timezone))
    count = len(doomed.marks)
    change = Change(
        "purge",
        {"game": rules.id, "period": board.period.id, **(given or {"all": True})},
        f"Remove {counted(count, 'entry')} from {board.name}",
        planned={"entries": count},
        nothing=None if count else f"no entry of {board.name} is within that",
        document={"first": [row_document(row) for row in doomed.first]},
    )

    def act() -> Json:
        return settled(session, [board], lambda: _purged(session, board, doomed))

    carry_out(session, consent, change, act, lambda: _show_doomed(session, doomed))


@dataclass(slots=True)
class _Doomed:
    """A purge's rows as they were shown; of a large board memory has the first, and a mark each."""

    first: list[Row] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        if len(self.first) < _SHOWN:
            self.first.append(row)
        self.marks[row.name] = _mark(row)


def _mark(row: Row) -> int:
    return hash(json.dumps(row.item, sort_keys=True, default=repr))


def _doomed(session: Session, board: Board, within: _Range | None) -> _Doomed:
    """Without a range all there is, unreadable rows too."""
    doomed = _Doomed()
    for row in session.table.whole_rows(board.key):
        if within is None or (row.entry and within.has(row.entry)):
            doomed.add(row)
    return doomed


def _purged(session: Session, board: Board, doomed: _Doomed) -> Json:
    """Whoever came since stays, and so does whoever has another entry by now."""
    removed = left = 0

    def remove(row: Row) -> bool:
        return doomed.marks[row.name] == _mark(row) and session.table.delete(row)

    standing = (row for row in session.table.whole_rows(board.key) if row.name in doomed.marks)
    with session.output.progress("deleting", len(doomed.marks)) as done:
        for gone in each(remove, standing):
            removed += gone
            left += not gone
            done(1)
    if left:
        session.output.warn(
            f"left as it is what changed after it was shown: {counted(left, 'entry')}"
        )
    return {"removed": removed, "left": left}


def _show_doomed(session: Session, doomed: _Doomed) -> None:
    show_rows(session, doomed.first)
    more = len(doomed.marks) - len(doomed.first)
    if more:
        session.output.say(f"… and {more:,} more")


def row_document(row: Row) -> Json:
    entry = row.entry
    if entry is None:
        return {"row": row.name, "unreadable": row.problem}
    return {
        "userId": entry.user_id,
        "userName": entry.user_name,
        "score": entry.score,
        "timeMs": entry.time_ms,
        "updatedAt": entry.updated_at,
        "hiddenAt": entry.hidden_at,
    }


def show_rows(session: Session, rows: list[Row]) -> None:
    if rows:
        session.output.table(
            ["~name", ">score", ">time", "player", "when (UTC)", "hidden"],
            map(_cells, rows),
        )


def _cells(row: Row) -> list[object]:
    entry = row.entry
    if entry is None:
        return [f"unreadable: {row.problem}", None, None, row.user_id, None, None]
    return [
        entry.user_name,
        entry.score,
        duration(entry.time_ms),
        entry.user_id,
        short_time(entry.updated_at),
        "hidden" if entry.hidden_at else "",
    ]
