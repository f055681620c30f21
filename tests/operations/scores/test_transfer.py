"""A board of any size goes to a file and back in the same memory."""

import io
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO, cast

import pytest

from lambdas.scores.periods import EVER
from local.scores.boards import fill, scratch_table
from operations.scores.boards import Board
from operations.scores.operator_table import OperatorTable
from operations.scores.transfer import export_board, import_board
from tests.conftest import game

FASTEST = game(order=(("timeMs", "asc"),), top_n=100)
BOARD = Board(FASTEST, EVER)
COPY = Board(game(id="copy", order=FASTEST.order), EVER)
PAGE = 60
SMALL, LARGE = 3 * PAGE, 10 * PAGE


@contextmanager
def paged(client: Any) -> Iterator[OperatorTable]:
    """Read a few rows at a time, as if they were a megabyte."""

    class Paged:
        def __getattr__(self, name: str) -> Any:
            call = getattr(client, name)
            return (lambda **request: call(**request, Limit=PAGE)) if name == "query" else call

    with scratch_table(client, "transfer"):
        few_at_a_time: Any = Paged()
        yield OperatorTable(few_at_a_time, "transfer")


@pytest.fixture
def table(large_dynamodb: Any) -> Iterator[OperatorTable]:
    with paged(large_dynamodb) as table:
        yield table


class Sink(io.RawIOBase):
    """Takes everything and keeps nothing."""

    def write(self, data: Any) -> int:
        return len(data)


class Source(io.RawIOBase):
    """A file of many rows, each generated when it is read."""

    def __init__(self, rows: int) -> None:
        self._rows = iter(range(rows))

    def readline(self, _size: int | None = -1) -> bytes:
        number = next(self._rows, None)
        if number is None:
            return b""
        return (
            b'{"userId":"%022d","userName":"twelve chars","score":1,"timeMs":%d,'
            b'"updatedAt":"2026-11-21T12:00:00.000Z"}\n' % (number, 100_000 + number)
        )


def peak_of(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def peaks_of(table: OperatorTable, size: int) -> tuple[int, int]:
    """The peak memory of an import and of an export."""
    source, sink = cast("BinaryIO", Source(size)), cast("BinaryIO", Sink())
    importing = peak_of(partial(import_board, table, COPY, source))
    return importing, peak_of(partial(export_board, table, COPY, sink, at="now"))


def test_memory_does_not_grow_with_the_board(dynalite: Any) -> None:
    with paged(dynalite) as table:
        # The first transfer also creates what later ones reuse.
        _, small, large = (peaks_of(table, size) for size in (PAGE, SMALL, LARGE))
    assert large[0] <= 1.5 * small[0], "memory of an import grows with the board"
    assert large[1] <= 1.5 * small[1], "memory of an export grows with the board"


def test_page_by_page_nothing_is_lost(table: OperatorTable) -> None:
    fill(table, BOARD.key, 2 * PAGE + 50)
    file = io.BytesIO()
    assert export_board(table, BOARD, file, at="now") == 2 * PAGE + 50
    file.seek(0)
    assert import_board(table, COPY, file) == (2 * PAGE + 50, 2 * PAGE + 50)
    ours, theirs = (
        [{k: v for k, v in row.item.items() if k != "PK"} for row in table.whole_rows(board.key)]
        for board in (BOARD, COPY)
    )
    assert ours == theirs
