"""htmlgame purge: many entries of one board"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import click

from lambdas.scores.rules import Entry
from lambdas.shared.values.clock import from_iso
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
            *_ordered("--min", given.get("min"), "--max", given.get("max")),
            *_ordered("--min-ms", given.get("minMs"), "--max-ms", given.get("maxMs")),
            *_ordered(
                "--since",
                None if since is None else moment_ms("--since", since, timezone),
                "--until",
                None if until is None else last_ms("--until", until, timezone),
            ),
        )

    def has(self, entry: Entry) -> bool:
        return (
            _within(entry.score, self.lowest, self.highest)
            and _within(entry.time_ms, self.lowest_ms, self.highest_ms)
            and _within(from_iso(entry.updated_at), self.since_ms, self.until_ms)
        )


def _ordered(
    low_name: str, low: int | None, high_name: str, high: int | None
) -> tuple[int | None, int | None]:
    if low is not None and high is not None and low > high:
        raise WrongArgument(low_name, f"it is beyond {high_name}, so that no entry is within both")
    return low, high


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
@click.option("--unreadable", is_flag=True, help="Rows that are no entry, whatever their key.")
@changes
def purge(
    session: Session,
    consent: Consent,
    game: str,
    period: str,
    *,
    everything: bool,
    unreadable: bool,
    **ranges: Json,
) -> None:
    """Delete the entries of a board that are within all the given ranges.

    Days and times without an offset are in the game's time zone.
    """
    board = board_named(session, game, period)
    given = {name: value for name, value in ranges.items() if value is not None}
    if sum((everything, unreadable, bool(given))) != 1:
        raise WrongArgument(
            "purge", "give a range, such as --min 5000, or --all, or --unreadable, and one of them"
        )
    within = _Range.of(given, board.game.timezone)
    selected = _selected(session, board, _chosen(within, everything, unreadable))
    count = len(selected.marks)
    change = Change(
        "purge",
        {"game": board.game.id, "period": board.period.id, **(given or _whole(unreadable))},
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


def _whole(unreadable: bool) -> Json:  # noqa: FBT001
    return {"unreadable" if unreadable else "all": True}


def _chosen(within: _Range, everything: bool, unreadable: bool) -> Callable[[Row], bool]:  # noqa: FBT001
    if everything:
        return lambda _: True
    if unreadable:
        return lambda row: row.entry is None
    return lambda row: row.entry is not None and within.has(row.entry)


def _selected(session: Session, board: Board, chosen: Callable[[Row], bool]) -> _Selected:
    selected = _Selected()
    for row in session.own(Scores).table.whole_rows(board.key):
        if chosen(row):
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
