"""One player's entries on the boards, as commands show them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import click

from lambdas.scores.errors import BoardTooLarge
from lambdas.scores.games import Game
from lambdas.scores.rules import in_order, rank_of, visible
from lambdas.shared.values.wire import USER_ID
from operations.cli.moments import moment_ms
from operations.cli.output import Json, duration, short_time
from operations.cli.session import Session
from operations.errors import WrongArgument
from operations.scores.boards import Board, boards_since
from operations.scores.operator_table import Row
from operations.scores.scores import Scores

_USER_ID: Final = re.compile(USER_ID)

Found = tuple[Board, Row]

since_option = click.option(
    "--since", help="Also search boards that ended before the table was created, from this day."
)


def folded(name: str) -> str:
    """Names that differ only in case or width are the same to a search."""
    return unicodedata.normalize("NFKC", name).casefold()


def player_id(user_id: str) -> str:
    if not _USER_ID.fullmatch(user_id):
        raise WrongArgument("USER_ID", "1 to 64 letters, digits, hyphens or underscores")
    return user_id


def boards_of_session(
    session: Session, since: str | None, games: Iterable[Game] | None = None
) -> dict[str, Board]:
    """By key: all boards since the table was created, or since that day."""
    scores = session.own(Scores)
    since_ms = scores.since_ms if since is None else moment_ms("--since", since, "UTC")
    found = boards_since(games or scores.games, session.now_ms, since_ms)
    return {board.key: board for board in found}


def entries_of(
    session: Session, user_id: str, since: str | None, games: Iterable[Game] | None = None
) -> list[Found]:
    boards = boards_of_session(session, since, games)
    rows = {row.board: row for row in session.own(Scores).table.rows_of(boards, user_id)}
    return [(board, rows[key]) for key, board in boards.items() if key in rows]


def reserved_of(session: Session, user_id: str, since: str | None) -> list[Found]:
    """The player's rows in the reserves of the boards, from which they may be promoted."""
    boards = boards_of_session(session, since)
    rows = session.own(Scores).table.reserved_of(boards, user_id)
    return [(boards[row.board], row) for row in rows]


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


def entry_document(session: Session, board: Board, row: Row) -> Json:
    return {
        "game": board.game.id,
        "period": board.period.id,
        "rank": _rank(session, board, row),
        **row_document(row),
    }


def _rank(session: Session, board: Board, row: Row) -> int | None:
    try:
        entries = visible(session.own(Scores).table.rows(board.key))
    except BoardTooLarge:
        return None
    return rank_of(in_order(board.game.order, entries), row.user_id)


def show_entries(session: Session, entries: Sequence[Json]) -> None:
    if entries:
        session.output.table(
            ["game", "period", ">rank", "~name", ">score", ">time", "when (UTC)"],
            map(_cells, entries),
        )


def _cells(entry: Json) -> list[object]:
    board = [entry["game"], entry["period"]]
    if "unreadable" in entry:
        return [*board, None, f"unreadable: {entry['unreadable']}", None, None, None]
    return [
        *board,
        "hidden" if entry["hiddenAt"] else entry["rank"],
        entry["userName"],
        entry["score"],
        duration(entry["timeMs"]),
        short_time(entry["updatedAt"]),
    ]


def show_rows(session: Session, rows: Sequence[Row]) -> None:
    if rows:
        session.output.table(
            ["~name", ">score", ">time", "player", "when (UTC)", "hidden"], map(_row_cells, rows)
        )


def _row_cells(row: Row) -> list[object]:
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
