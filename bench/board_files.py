"""A board of 200,000 rows to a file and onto another table: identical, in flat memory."""

import tempfile
import time
import tracemalloc
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

from bench.boards import SNAKE
from bench.report import table
from lambdas.scores.periods import EVER
from local.boards import scratch_table
from local.cloud import Cloud, running_cloud
from local.progress import step
from operations.board_file import examined
from operations.boards import Board
from operations.operator_table import OperatorTable
from operations.transfer import export_board, import_board

ROWS: Final = 200_000
SMALL: Final = 30_000
"""Several pages: with two, the peak is not reached yet."""
_BOARD: Final = Board(SNAKE, EVER)


def run() -> None:
    with tempfile.TemporaryDirectory() as folder, running_cloud(Path(folder)) as cloud:
        small, large = (_measured(cloud, Path(folder), size) for size in (SMALL, ROWS))
    for of_small, of_large in zip(small.peaks, large.peaks, strict=True):
        assert of_large <= 1.5 * of_small, "memory grows with the board"
    table(
        "A board to a file and onto another table",
        ["rows", "file MB", "check MB", "import MB", "export MB", "seconds"],
        [astuple(small), astuple(large)],
    )


@dataclass(frozen=True)
class Measured:
    rows: int
    file_mb: float
    check_peak_mb: float
    import_peak_mb: float
    export_peak_mb: float
    seconds: float

    @property
    def peaks(self) -> tuple[float, float, float]:
        return self.check_peak_mb, self.import_peak_mb, self.export_peak_mb


def _measured(cloud: Cloud, folder: Path, size: int) -> Measured:
    client = cloud.client("dynamodb")
    made, there = folder / "made.jsonl", folder / "there.jsonl"
    _make(made, size)
    started = time.monotonic()
    with scratch_table(client, "here"), scratch_table(client, "elsewhere"):
        here, elsewhere = OperatorTable(client, "here"), OperatorTable(client, "elsewhere")
        with step(f"checking {size:,} rows"):
            check = _peak(lambda: _check(made, size))
        with step("importing them"):
            importing = _peak(lambda: _import(here, made, size))
        with step("exporting them"):
            exporting = _peak(lambda: _export(here, there, size))
        with step("importing them elsewhere"):
            _import(elsewhere, there, size)
        with step("comparing"):
            _compare(here, elsewhere)
    seconds = time.monotonic() - started
    file_mb = there.stat().st_size / 1e6
    return Measured(size, file_mb, check, importing, exporting, seconds)


def _peak(work: Any) -> float:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak


def _make(path: Path, size: int) -> None:
    with path.open("w") as file:
        for number in range(size):
            file.write(
                f'{{"userId":"{number:022d}","userName":"twelve chars",'
                f'"score":{number * 7919 % 10_000},"timeMs":60000,'
                f'"updatedAt":"2026-11-21T12:00:00.000Z","meta":{{"level":{number % 9}}}}}\n'
            )


def _check(path: Path, size: int) -> None:
    with path.open("rb") as file:
        assert examined(file, SNAKE, lambda _: None).rows == size


def _import(scores: OperatorTable, path: Path, size: int) -> None:
    with path.open("rb") as file:
        assert import_board(scores, _BOARD, file) == (size, size)


def _export(scores: OperatorTable, path: Path, size: int) -> None:
    with path.open("wb") as file:
        assert export_board(scores, _BOARD, file, at="2026-11-21T12:00:00.000Z") == size


def _compare(here: OperatorTable, elsewhere: OperatorTable) -> None:
    ours, theirs = here.whole_rows(_BOARD.key), elsewhere.whole_rows(_BOARD.key)
    for one, other in zip(ours, theirs, strict=True):
        assert one.item == other.item
