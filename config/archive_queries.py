"""What one asks of the archive: a file of SQL each, by whose name Athena's console lists it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROJECT: Final = "PROJECT"
"""Stands in each query for the project's id."""
_DIRECTORY: Final = Path(__file__).parent / "archive-queries"


@dataclass(frozen=True, slots=True)
class Query:
    name: str
    what: str
    sql: str


def archive_queries() -> Iterator[Query]:
    for file in sorted(_DIRECTORY.glob("*.sql")):
        what, _, sql = file.read_text(encoding="utf-8").partition("\n")
        yield Query(file.stem.replace("-", " "), what.removeprefix("-- "), sql)
