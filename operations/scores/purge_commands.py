"""htmlgame purge: many entries of a game's boards"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Self

import click

from lambdas.scores.rules import Entry, best_first, in_order, visible
from lambdas.scores.settle import in_waiting
from lambdas.shared.values.clock import from_iso
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.moments import last_ms, moment_ms
from operations.cli.output import Json, counted
from operations.cli.parallel import each
from operations.cli.session import Session
from operations.errors import WrongArgument
from operations.scores.boards import Board
from operations.scores.entries import folded, row_document, show_rows
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
    name: str | None

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
            given.get("name"),
        )

    def has(self, entry: Entry) -> bool:
        return (
            _within(entry.score, self.lowest, self.highest)
            and _within(entry.time_ms, self.lowest_ms, self.highest_ms)
            and _within(from_iso(entry.updated_at), self.since_ms, self.until_ms)
            and (self.name is None or fnmatchcase(folded(entry.user_name), folded(self.name)))
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
@click.argument("periods", metavar="PERIOD[,PERIOD…]")
@click.option("--min", type=int, help="Scores of at least this.")
@click.option("--max", type=int, help="Scores of at most this.")
@click.option("--min-ms", "minMs", type=int, help="Plays of at least this many milliseconds.")
@click.option("--max-ms", "maxMs", type=int, help="Plays of at most this many milliseconds.")
@click.option("--since", help="Plays that ended on this day, at this time, or later.")
@click.option("--until", help="Plays that ended up to this time, or to the end of this day.")
@click.option("--name", help="Names that match, such as 'bot*'. * is any text, ? one character.")
@click.option("--all", "everything", is_flag=True, help="The whole board, with unreadable rows.")
@click.option("--unreadable", is_flag=True, help="Rows that are no entry, whatever their key.")
@changes
def purge(
    session: Session,
    consent: Consent,
    game: str,
    periods: str,
    *,
    everything: bool,
    unreadable: bool,
    **ranges: Json,
) -> None:
    """Delete the entries of boards that are within all the given ranges.

    Takes them from the boards' reserves too. The best of what is left in a reserve
    returns to its board. Days and times without an offset are in the game's time
    zone. Several periods are separated by commas: all,monthly.
    """
    boards = _boards_named(session, game, periods)
    given = {name: value for name, value in ranges.items() if value is not None}
    if sum((everything, unreadable, bool(given))) != 1:
        raise WrongArgument(
            "purge",
            "give a range, such as --min 5000, --all or --unreadable, and not several of them",
        )
    chosen = _chosen(_Range.of(given, boards[0].game.timezone), everything, unreadable)
    selected = [_selected(session, board, chosen) for board in boards]
    carry_out(
        session,
        consent,
        _change(selected, {"period": periods, **(given or _whole(unreadable))}),
        lambda: settled(session, boards, lambda: _purged(session, selected)),
        lambda: _show(session, selected),
    )


def _boards_named(session: Session, game: str, periods: str) -> list[Board]:
    boards = [board_named(session, game, period) for period in periods.split(",")]
    return list({board.key: board for board in boards}.values())


@dataclass(slots=True)
class _Selected:
    """The rows of one board as they were shown: the first of them, and a hash of each."""

    board: Board
    first: list[Row] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)
    reserved: int = 0
    """How many of them are in the reserve."""
    returning: list[Entry] = field(default_factory=list)
    """What the reserve then gives to the board, best first."""

    def add(self, row: Row) -> None:
        self.reserved += row.in_reserve
        if len(self.first) < MOST_SHOWN and not row.in_reserve:
            self.first.append(row)
        self.marks[row.name] = _mark(row)

    @property
    def standing(self) -> int:
        return len(self.marks) - self.reserved


def _mark(row: Row) -> int:
    return hash(json.dumps(row.item, sort_keys=True, default=repr))


def _change(selected: list[_Selected], arguments: Json) -> Change:
    standing = sum(one.standing for one in selected)
    reserved = sum(one.reserved for one in selected)
    names = ", ".join(one.board.name for one in selected)
    more = f" and {reserved:,} from the reserve" if reserved else ""
    return Change(
        "purge",
        {"game": selected[0].board.game.id, **arguments},
        f"Remove {counted(standing, 'entry')}{more} from {names}",
        planned={"entries": standing} | ({"reserved": reserved} if reserved else {}),
        nothing=None if standing + reserved else f"no entry of {names} is within these ranges",
        document={
            "first": [row_document(row) for one in selected for row in one.first],
            "returning": [
                {"period": one.board.period.id, "userId": entry.user_id, "score": entry.score}
                for one in selected
                for entry in one.returning
            ],
        },
    )


def _whole(unreadable: bool) -> Json:  # noqa: FBT001
    return {"unreadable" if unreadable else "all": True}


def _chosen(within: _Range, everything: bool, unreadable: bool) -> Callable[[Row], bool]:  # noqa: FBT001
    if everything:
        return lambda _: True
    if unreadable:
        return lambda row: row.entry is None
    return lambda row: row.entry is not None and within.has(row.entry)


def _selected(session: Session, board: Board, chosen: Callable[[Row], bool]) -> _Selected:
    """The chosen rows of the board and its reserve, and what the reserve then returns."""
    selected, left = _Selected(board), _Left(board)
    for row in session.own(Scores).table.partition(board.key):
        if chosen(row):
            selected.add(row)
        elif row.entry is not None:
            left.add(row.entry, reserved=row.in_reserve)
    selected.returning = left.returning()
    return selected


class _Left:
    """What a purge leaves of a board and its reserve, in memory that does not grow with them."""

    def __init__(self, board: Board) -> None:
        self._game = board.game
        self._board: list[Entry] = []
        self._reserve: list[Entry] = []

    def add(self, entry: Entry, *, reserved: bool) -> None:
        rows = self._reserve if reserved else self._board
        rows.append(entry)
        most = 2 * self._game.top_n
        if len(rows) > 2 * most:
            rows[:] = in_order(self._game.order, rows)[:most]

    def returning(self) -> list[Entry]:
        order, top_n = self._game.order, self._game.top_n
        waiting = in_waiting(self._board, best_first(in_order(order, self._reserve)), top_n)
        return waiting[: max(0, top_n - len(visible(self._board)))]


def _purged(session: Session, selected: list[_Selected]) -> Json:
    """Leaves rows that came or changed after the selection was shown."""
    removed = left = 0
    with session.output.progress("deleting", sum(len(one.marks) for one in selected)) as done:
        for gone in _deletions(session, selected):
            removed += gone
            left += not gone
            done(1)
    if left:
        session.output.warn(
            f"{counted(left, 'entry')} left unchanged, because of changes after being shown"
        )
    return {"removed": removed, "left": left}


def _deletions(session: Session, selected: Iterable[_Selected]) -> Iterator[bool]:
    table = session.own(Scores).table
    for one in selected:

        def remove(row: Row, marks: dict[str, int] = one.marks) -> bool:
            return marks[row.name] == _mark(row) and table.delete(row)

        rows = (row for row in table.partition(one.board.key) if row.name in one.marks)
        yield from each(remove, rows)


def _show(session: Session, selected: list[_Selected]) -> None:
    for one in selected:
        if len(selected) > 1 and one.marks:
            session.output.say(f"{one.board.name}:")
        show_rows(session, one.first)
        more = one.standing - len(one.first)
        if more:
            session.output.say(f"… and {more:,} more")
        if one.returning:
            best = ", ".join(f"{entry.user_name} ({entry.score:,})" for entry in one.returning[:3])
            returns = "entry returns" if len(one.returning) == 1 else "entries return"
            session.output.say(
                f"then {len(one.returning):,} {returns} from the reserve, the best first: {best}"
            )
