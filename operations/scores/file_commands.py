"""htmlgame export and import: a board as a file of JSON Lines"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import click

from lambdas.shared.values.clock import iso
from operations.cli.change import Change, Consent, carry_out
from operations.cli.command import changes, command
from operations.cli.output import Json, counted
from operations.cli.session import Session
from operations.cli.target import AT_ONCE
from operations.errors import OperatorError, WrongArgument
from operations.scores import board_file
from operations.scores.board_file import BadLine, Contents, Header
from operations.scores.boards import Board
from operations.scores.operator_table import Row
from operations.scores.scores import Scores
from operations.scores.settle import settled
from operations.scores.transfer import export_board, import_board

_MOST_SHOWN: Final = 20


class Incomplete(OperatorError):
    code = "incomplete"

    def __init__(self, rows: int, unreadable: int) -> None:
        super().__init__(
            f"{counted(rows, 'row')} written, but {counted(unreadable, 'unreadable row')} left out"
        )


class CutOff(OperatorError):
    code = "cut_off"

    def __init__(self, problem: BadLine) -> None:
        super().__init__(
            f"{problem}\nthe rows before it are written: fix the line and import the "
            "whole file again, which leaves existing rows as they are"
        )


@command("export")
@click.argument("game")
@click.argument("period")
@click.option("--output", type=click.Path(path_type=Path), help="A file, instead of stdout.")
def export(session: Session, game: str, period: str, output: Path | None) -> None:
    """Write a board to stdout as JSON Lines, with its hidden entries.

    Memory does not grow with the board. The last line counts the rows, so that
    import can detect a file that was cut off.
    """
    rules = session.own(Scores).game(game)
    board = Board(rules, session.own(Scores).period(rules, period))
    unreadable = 0

    def left_out(row: Row, problem: str) -> None:
        nonlocal unreadable
        unreadable += 1
        if unreadable <= _MOST_SHOWN:
            session.output.warn(f"{row.name}: {problem}")

    with _written(output) as stream, session.output.progress("exporting") as done:
        at = iso(session.now_ms)
        rows = export_board(
            session.own(Scores).table, board, stream, at=at, written=done, left_out=left_out
        )
    if unreadable:
        raise Incomplete(rows, unreadable)
    session.output.note(f"{counted(rows, 'row')} of {board.name}")


@contextmanager
def _written(path: Path | None) -> Iterator[BinaryIO]:
    """The file appears only once it is complete."""
    if path is None:
        yield sys.stdout.buffer
        return
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as stream:
            yield stream
        part.replace(path)
    except OSError as error:
        raise WrongArgument("--output", f"{error.strerror}: {error.filename or path}") from error
    finally:
        part.unlink(missing_ok=True)


@command("import")
@click.argument("game")
@click.argument("period")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--replace", is_flag=True, help="Overwrite a player's entry, even a better one.")
@click.option("--other-board", is_flag=True, help="Accept a file of another game or period.")
@click.option("--untrimmed", is_flag=True, help="Leave rows beyond the top N to the nightly trim.")
@changes
def import_(
    session: Session,
    consent: Consent,
    game: str,
    period: str,
    file: Path,
    *,
    replace: bool,
    other_board: bool,
    untrimmed: bool,
) -> None:
    """Import the rows of a file (- for stdin), keeping each player's better entry.

    The whole file is checked before anything is written, and every wrong line is
    named. Repeat an interrupted import: existing rows are left as they are.
    Afterwards the board is trimmed to its top N.
    """
    rules = session.own(Scores).game(game)
    board = Board(rules, session.own(Scores).period(rules, period))
    contents = _examined(session, board, file)

    def headed(header: Header) -> None:
        _refuse_another(header, board, other=other_board)

    if contents is not None and contents.header is not None:
        headed(contents.header)
    # Rows are written in parallel only if no player is in the file twice.
    alone = replace and not (contents and contents.ascending)

    touched: list[Board] = []

    def bring() -> Json:
        total = contents.rows if contents else None
        with _opened(file) as stream, session.output.progress("importing", total) as done:
            try:
                rows, written = import_board(
                    session.own(Scores).table,
                    board,
                    stream,
                    replace=replace,
                    at_once=1 if alone else AT_ONCE,
                    headed=headed,
                    begun=lambda: touched.append(board),
                    done=done,
                )
            except BadLine as problem:
                if not touched:
                    raise
                raise CutOff(problem) from problem
        return {"rows": rows, "written": written, "kept": rows - written}

    def act() -> Json:
        return bring() if untrimmed else settled(session, touched, bring)

    rows = contents.rows if contents else None
    said = "the rows of stdin" if rows is None else counted(rows, "row")
    change = Change(
        "import",
        {
            "game": rules.id,
            "period": board.period.id,
            "file": file.name,
            "replace": replace,
            "untrimmed": untrimmed,
        },
        f"Import {said} to {board.name}, which keeps {board.game.top_n:,}",
        planned={"rows": rows},
        nothing="the file has no row" if rows == 0 else None,
        document={"game": rules.id, "period": board.period.id},
    )
    if contents is None and consent.dry_run:
        raise WrongArgument("FILE", "--dry-run needs a file; stdin can be read only once")
    carry_out(session, consent, change, act)


def _examined(session: Session, board: Board, file: Path) -> Contents | None:
    """None for stdin, which can be read only once."""
    if str(file) == "-":
        return None
    with _opened(file) as stream, session.output.progress("reading") as done:
        return board_file.examined(stream, board.game, done)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise WrongArgument("FILE", f"{error.strerror}: {file}") from error
    with stream:
        if not file.is_file():
            raise WrongArgument("FILE", f"{file} is no regular file; pipe it in, with - as FILE")
        yield stream


def _refuse_another(header: Header, board: Board, *, other: bool) -> None:
    if not other and (header.game_id, header.period_id) != (board.game.id, board.period.id):
        raise WrongArgument(
            "FILE",
            f"it is of {header.game_id}/{header.period_id}, not of {board.name}; add "
            "--other-board to import it all the same",
        )
