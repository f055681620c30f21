"""Exports a board to a file and imports it, row by row, in constant memory."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from operations.cli.parallel import each
from operations.cli.target import AT_ONCE
from operations.scores import board_file
from operations.scores.board_file import BadLine, Header, Imported
from operations.scores.boards import Board
from operations.scores.operator_table import OperatorTable, Row


def export_board(
    table: OperatorTable,
    board: Board,
    stream: BinaryIO,
    *,
    at: str,
    written: Callable[[int], None] = lambda _: None,
    left_out: Callable[[Row, str], None] = lambda _row, _problem: None,
) -> int:
    """Returns how many rows it wrote; calls `left_out` for each row that it cannot write."""
    rows = 0
    stream.write(board_file.header_line(board.game, board.period.id, at))
    for row in table.whole_rows(board.key):
        try:
            stream.write(board_file.row_line(row))
        except ValueError as problem:
            left_out(row, str(problem))
        else:
            rows += 1
            written(1)
    stream.write(board_file.end_line(rows))
    stream.flush()
    return rows


def import_board(
    table: OperatorTable,
    board: Board,
    stream: BinaryIO,
    *,
    replace: bool = False,
    at_once: int = AT_ONCE,
    headed: Callable[[Header], None] = lambda _: None,
    begun: Callable[[], None] = lambda: None,
    done: Callable[[int], None] = lambda _: None,
) -> tuple[int, int]:
    """Returns how many rows there were, and how many were written; the others were no better.

    Calls `begun` before the first row is written. Rows before a wrong line are written.
    """
    wrong: list[BadLine] = []

    def found() -> Iterator[Imported]:
        try:
            for number, row in enumerate(board_file.rows(stream, board.game, headed)):
                if number == 0:
                    begun()
                yield row
        except BadLine as problem:
            wrong.append(problem)

    def bring(row: Imported) -> bool:
        return table.bring(board.key, board.game.order, row.entry, row.meta)

    def over(row: Imported) -> bool:
        return table.replace(board.key, row.entry, row.meta)

    rows = written = 0
    for was_written in each(over if replace else bring, found(), at_once):
        rows += 1
        written += was_written
        done(1)
    if wrong:
        raise wrong[0]
    return rows, written
