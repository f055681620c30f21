"""Counts a log file exactly once, and keeps its rows for Athena.

The steps, in this order: the rows, under names that follow from the file's name; each hour's
aggregate, which remembers the files it has counted; the deletion of the file. A step that is
repeated changes nothing, so a fold that was interrupted anywhere can be done again.
"""

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from lambdas.insights.aggregates import Aggregate
from lambdas.insights.catalogue import Catalogue
from lambdas.insights.lines import (
    Hashing,
    UnreadableFile,
    UnreadableLine,
    lines_of,
    row_of,
)
from lambdas.insights.rows import Row
from lambdas.shared.values.clock import iso

_Name = TypeVar("_Name")
_LINES: Final = ".lines"
"""Ends the names of files of lines that could not be read."""
_MARK_LENGTH: Final = 16
"""Hexadecimal digits: two of a million files share a mark once in ten million times."""


class Files(Protocol):
    def read(self, key: str) -> bytes | None:
        """None where the file does not exist."""

    def write_rows(self, day: str, name: str, content: bytes) -> None: ...

    def set_aside(self, key: str, content: bytes) -> None: ...

    def delete(self, key: str) -> None: ...


class Counts(Protocol):
    def count(self, day: str, hour: str, fn: str, counted: Aggregate, mark: str) -> bool: ...


@dataclass(slots=True)
class Folded:
    lines: int = 0
    rows: int = 0
    new: bool = False
    """Whether any hour had not counted this file before."""
    unreadable: Counter[str] = field(default_factory=Counter)
    """Lines that are not counted, by the reason."""
    set_aside: str = ""
    """Why the whole file is not counted."""


def fold(
    key: str,
    files: Files,
    table: Counts,
    *,
    catalogue: Catalogue,
    hashing: Hashing,
    now_ms: int,
) -> Folded | None:
    """None where the file does not exist: it was folded and deleted."""
    content = files.read(key)
    if content is None:
        return None
    try:
        lines = lines_of(content)
    except UnreadableFile as problem:
        files.set_aside(key, content)
        files.delete(key)
        return Folded(set_aside=str(problem))
    read = _Read(lines, lambda line: row_of(line, catalogue, hashing, now_ms))
    rows = list(read.rows.values())
    folded = Folded(lines=len(lines), rows=len(rows), unreadable=read.problems)
    mark = mark_of(key)
    if read.left:
        # Under another name: with its own, they would never count, since the rest has counted.
        files.set_aside(f"{key}{_LINES}", gzip.compress(b"\n".join(read.left), mtime=0))
    # The name says the hour of all its rows, so that those of an hour are found by it.
    for hour, own in _by(rows, lambda row: iso(row.ms)[:13]).items():
        files.write_rows(hour[:10], f"{min(row.ms for row in own):013d}-{mark}", _packed(own))
    for place, own in sorted(_by(rows, _place).items()):
        folded.new |= table.count(*place, Aggregate.of(own), mark)
    files.delete(key)
    return folded


def mark_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:_MARK_LENGTH]


class _Read:
    def __init__(self, lines: Sequence[bytes], read: Callable[[bytes], Row]) -> None:
        self.rows: dict[str, Row] = {}
        """By their ids: a request that the file names twice counts once."""
        self.problems = Counter[str]()
        self.left: list[bytes] = []
        for line in lines:
            try:
                row = read(line)
            except UnreadableLine as problem:
                self.problems[str(problem)] += 1
                self.left.append(line)
            else:
                self.rows[row.id] = row


def _place(row: Row) -> tuple[str, str, str]:
    moment = iso(row.ms)
    return moment[:10], moment[11:13], row.fn


def _by(rows: Sequence[Row], name: Callable[[Row], _Name]) -> dict[_Name, list[Row]]:
    groups: defaultdict[_Name, list[Row]] = defaultdict(list)
    for row in rows:
        groups[name(row)].append(row)
    return groups


def _packed(rows: Sequence[Row]) -> bytes:
    """The same rows give the same bytes, so that writing them again changes nothing."""
    lines = (json.dumps(row.to_json(), separators=(",", ":")) for row in rows)
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)
