"""htmlgame purge: many entries of one board"""

import json
from dataclasses import dataclass, field
from typing import Self

import click

from lambdas.scores.periods import from_iso
from lambdas.scores.rules import Entry
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.moments import last_ms, moment_ms
from operations.cli.output import Json, counted
from operations.cli.parallel import each
from operations.cli.session import Session
from operations.errors import WrongArgument
from operations.scores.boards import Board
from operations.scores.entries import row_document, show_rows
from operations.scores.entry_commands import MOST_SHOWN, board_named
from operations.scores.operator_table import Row
from operations.scores.scores import Scores
from operations.scores.settle import settled


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
@click.option("--min", type=int, help="Scores of at least this.")
@click.option("--max", type=int, help="Scores of at most this.")
@click.option("--min-ms", "minMs", type=int, help="Plays of at least this many milliseconds.")
@click.option("--max-ms", "maxMs", type=int, help="Plays of at most this many milliseconds.")
@click.option("--since", help="Entries from this day or time on.")
@click.option("--until", help="Entries up to this time, or to the end of this day.")
@click.option("--all", "everything", is_flag=True, help="The whole board, with unreadable rows.")
@changes
def purge(
    session: Session, consent: Consent, game: str, period: str, *, everything: bool, **ranges: Json
) -> None:
    """Delete the entries of a board that are within all the given ranges.

    Days and times without an offset are in the game's time zone.
    """
    board = board_named(session, game, period)
    given = {name: value for name, value in ranges.items() if value is not None}
    if everything == bool(given):
        raise WrongArgument("purge", "give a range, such as --min 5000, or --all, and not both")
    within = None if everything else _Range.of(given, board.game.timezone)
    selected = _selected(session, board, within)
    count = len(selected.marks)
    change = Change(
        "purge",
        {"game": board.game.id, "period": board.period.id, **(given or {"all": True})},
        f"Remove {counted(count, 'entry')} from {board.name}",
        planned={"entries": count},
        nothing=None if count else f"no entry of {board.name} is within these ranges",
        document={"first": [row_document(row) for row in selected.first]},
    )

    def act() -> Json:
        return settled(session, [board], lambda: _purged(session, board, selected))

    carry_out(session, consent, change, act, lambda: _show(session, selected))


@dataclass(slots=True)
class _Selected:
    """The rows as they were shown: the first of them, and a hash of each."""

    first: list[Row] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        if len(self.first) < MOST_SHOWN:
            self.first.append(row)
        self.marks[row.name] = _mark(row)


def _mark(row: Row) -> int:
    return hash(json.dumps(row.item, sort_keys=True, default=repr))


def _selected(session: Session, board: Board, within: _Range | None) -> _Selected:
    """The rows within the range; without a range all rows, readable or not."""
    selected = _Selected()
    for row in session.own(Scores).table.whole_rows(board.key):
        if within is None or (row.entry and within.has(row.entry)):
            selected.add(row)
    return selected


def _purged(session: Session, board: Board, selected: _Selected) -> Json:
    """Leaves rows that came or changed after the selection was shown."""
    table = session.own(Scores).table
    removed = left = 0

    def remove(row: Row) -> bool:
        return selected.marks[row.name] == _mark(row) and table.delete(row)

    standing = (row for row in table.whole_rows(board.key) if row.name in selected.marks)
    with session.output.progress("deleting", len(selected.marks)) as done:
        for gone in each(remove, standing):
            removed += gone
            left += not gone
            done(1)
    if left:
        session.output.warn(
            f"{counted(left, 'entry')} left unchanged, because of changes after being shown"
        )
    return {"removed": removed, "left": left}


def _show(session: Session, selected: _Selected) -> None:
    show_rows(session, selected.first)
    more = len(selected.marks) - len(selected.first)
    if more:
        session.output.say(f"… and {more:,} more")
