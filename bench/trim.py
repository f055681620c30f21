"""Trims a board of 200,000 rows: constant memory, and resumable after an interruption."""

import tempfile
import time
import tracemalloc
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

from bench.boards import SNAKE, entry_of_play
from bench.report import table
from lambdas.scores.table import ScoreTable, board_key
from lambdas.scores.trimming import Trimmed, trim
from local.cloud import Cloud, running_cloud
from local.scores.boards import scratch_table
from local.terminal.progress import step

ROWS: Final = 200_000
SMALL: Final = 30_000
"""Six pages, because two do not reach the peak."""
_TABLE: Final = "trim"


def run() -> None:
    with tempfile.TemporaryDirectory() as folder, running_cloud(Path(folder)) as cloud:
        small, large = (_measured(cloud, size) for size in (SMALL, ROWS))
    assert large.peak_mb <= 1.5 * small.peak_mb, "memory grows with the board"
    table(
        "Trimming an imported board to its top 100",
        ["rows", "first run read", "second run read", "left", "peak MB", "seconds"],
        [astuple(small), astuple(large)],
    )


@dataclass(frozen=True)
class Measured:
    size: int
    first_read: int
    second_read: int
    left: int
    peak_mb: float
    seconds: float


def _measured(cloud: Cloud, size: int) -> Measured:
    client = cloud.client("dynamodb")
    with scratch_table(client, _TABLE) as scores:
        with step(f"importing {size:,} rows"):
            _import(client, _TABLE, size)
        started = time.monotonic()
        tracemalloc.start()
        with step("trimming, interrupted halfway"):
            first = _until(scores, size // 2)
        with step("trimming on"):
            second = trim(scores, SNAKE, "all", lambda: True)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        left = len(scores.rows(board_key(SNAKE.id, "all")))
        assert second.finished
        assert left == SNAKE.top_n
        assert second.rows <= size - first.deleted
        seconds = time.monotonic() - started
        return Measured(size, first.rows, second.rows, left, peak, seconds)


def _until(scores: ScoreTable, deletions: int) -> Trimmed:
    spent = scores.spent
    return trim(scores, SNAKE, "all", lambda: spent.writes < deletions)


def _import(client: Any, name: str, size: int) -> None:
    key = board_key(SNAKE.id, "all")
    for start in range(0, size, 25):
        client.batch_write_item(
            RequestItems={
                name: [
                    {"PutRequest": {"Item": _item(key, number)}}
                    for number in range(start, min(start + 25, size))
                ]
            }
        )


def _item(key: str, number: int) -> dict[str, Any]:
    entry = entry_of_play(
        user_id=f"{number:022d}", score=number * 7919 % 10_000, at=number, play="imported."
    )
    return {
        "PK": {"S": key},
        "SK": {"S": f"U#{entry.user_id}"},
        "score": {"N": str(entry.score)},
        "timeMs": {"N": str(entry.time_ms)},
        "userName": {"S": entry.user_name},
        "updatedAt": {"S": entry.updated_at},
        "rk": {"S": entry.rk},
        "play": {"S": entry.play},
        "moved": {"BOOL": False},
    }
