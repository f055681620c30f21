"""Exports a board of 200,000 rows to a file and imports it: identical, with constant memory."""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

from bench.boards import SNAKE, entry_of_play
from bench.report import table
from lambdas.scores.periods import EVER
from lambdas.scores.table import attributes_of, row_key
from local.cloud import Cloud, running_cloud
from local.scores.boards import scratch_table
from local.terminal.progress import step
from operations.scores.board_file import examined
from operations.scores.boards import Board
from operations.scores.operator_table import OperatorTable
from operations.scores.transfer import export_board, import_board

ROWS: Final = 200_000
SMALL: Final = 20_000
"""Several pages, because two do not reach the peak."""
_BOARD: Final = Board(SNAKE, EVER)
_BATCH: Final = 25


def run() -> None:
    with tempfile.TemporaryDirectory() as folder, running_cloud(Path(folder)) as cloud:
        small, large = (_measured(cloud, Path(folder), size) for size in (SMALL, ROWS))
    table(
        "A board to a file and onto another table; peaks are of whole processes",
        ["rows", "file MB", "export MB", "check MB", "import MB", "seconds"],
        [astuple(small), astuple(large)],
    )
    for of_small, of_large in zip(small.peaks, large.peaks, strict=True):
        assert of_large <= 1.5 * of_small, "memory grows with the board"


@dataclass(frozen=True)
class Measured:
    rows: int
    file_mb: float
    export_peak_mb: float
    check_peak_mb: float
    import_peak_mb: float
    seconds: float

    @property
    def peaks(self) -> tuple[float, float, float]:
        return self.export_peak_mb, self.check_peak_mb, self.import_peak_mb


def _measured(cloud: Cloud, folder: Path, size: int) -> Measured:
    client, file = cloud.client("dynamodb"), folder / "board.jsonl"
    started = time.monotonic()
    with scratch_table(client, "here"), scratch_table(client, "elsewhere"):
        with step(f"making {size:,} rows"):
            _make(client, size)
        with step("exporting them"):
            exporting = _peak(_export, cloud, file, size)
        with step("checking the file"):
            check = _peak(_check, cloud, file, size)
        with step("importing it elsewhere"):
            importing = _peak(_import, cloud, file, size)
        with step("comparing"):
            _compare(OperatorTable(client, "here"), OperatorTable(client, "elsewhere"))
    seconds = time.monotonic() - started
    return Measured(size, file.stat().st_size / 1e6, exporting, check, importing, seconds)


def _peak(work: Callable[[Cloud, Path, int], None], *arguments: Any) -> float:
    """Megabytes of a process that does only this."""
    with multiprocessing.get_context("spawn").Pool(1) as alone:
        return alone.apply(_doing, (work, arguments[0].url, *arguments[1:]))


def _doing(work: Callable[[Any, Path, int], None], url: str, file: Path, size: int) -> float:
    cloud = Cloud(file.parent, int(url.rpartition(":")[2]))
    work(cloud.client("dynamodb"), file, size)
    return _most_resident() / 1e6


def _most_resident() -> int:
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux's rusage includes the parent's memory at the fork.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _make(client: Any, size: int) -> None:
    for start in range(0, size, _BATCH):
        some = range(start, min(start + _BATCH, size))
        requests = [{"PutRequest": {"Item": _item(number)}} for number in some]
        client.batch_write_item(RequestItems={"here": requests})


def _item(number: int) -> dict[str, Any]:
    entry = entry_of_play(
        user_id=f"{number:022d}",
        score=number * 7919 % 10_000,
        at=1_795_262_400_000,
        play="0123456789ab.012345",
    )
    return row_key(_BOARD.key, entry.user_id) | attributes_of(entry, '{"level":1}')


def _export(client: Any, path: Path, size: int) -> None:
    with path.open("wb") as file:
        board = OperatorTable(client, "here")
        assert export_board(board, _BOARD, file, at="2026-11-21T12:00:00.000Z") == size


def _check(_client: Any, path: Path, size: int) -> None:
    with path.open("rb") as file:
        assert examined(file, SNAKE, lambda _: None).rows == size


def _import(client: Any, path: Path, size: int) -> None:
    with path.open("rb") as file:
        assert import_board(OperatorTable(client, "elsewhere"), _BOARD, file) == (size, size)


def _compare(here: OperatorTable, elsewhere: OperatorTable) -> None:
    ours, theirs = here.whole_rows(_BOARD.key), elsewhere.whole_rows(_BOARD.key)
    for one, other in zip(ours, theirs, strict=True):
        assert one.item == other.item
