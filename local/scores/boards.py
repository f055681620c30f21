"""Temporary boards for tests and benchmarks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from lambdas.scores.rules import Entry, rank_key
from lambdas.scores.table import ScoreTable
from local.dynamodb.tables import table_named

FASTEST: Final = (("timeMs", "asc"),)


@contextmanager
def scratch_table(client: Any, name: str) -> Iterator[ScoreTable]:
    """A temporary score table with the keys of the stack's table."""
    with table_named(client, name):
        yield ScoreTable(client, name)


def fill(table: ScoreTable, key: str, rows: int, name: str = "twelve chars") -> None:
    """Fills a board of play times: 100 s, and a millisecond more for each row."""
    for number in range(rows):
        time_ms = 100_000 + number
        entry = Entry(
            user_id=f"{number:022d}",
            user_name=name,
            score=1,
            time_ms=time_ms,
            updated_at="2026-11-21T12:00:00.000Z",
            rk=rank_key(FASTEST, score=1, time_ms=time_ms, updated_at_ms=1_795_262_400_000),
            play="0123456789ab.012345",
        )
        table.put(key, entry, None)
