"""The output of a command: tables for people, or only JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

Json = Any
_PLAIN_WIDTH: Final = 80
_HARMLESS: Final = "\n\u200c\u200d"
"""Joiners too, which are part of emoji and of Persian and Hindi words."""
_WHAT: Final = TextColumn("{task.description}")


class Output:
    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        width = None if sys.stdout.isatty() else _PLAIN_WIDTH
        self._paper = Console(width=width, markup=False, emoji=False, highlight=False)
        self._aside = Console(stderr=True, markup=False, emoji=False, highlight=False)

    def document(self, document: Json, show: Callable[[], None]) -> None:
        """Prints the document, or shows the same to people."""
        if self.as_json:
            self._json_line(document)
        else:
            show()

    def lines(self, documents: Iterable[Json], show: Callable[[Iterable[Json]], None]) -> None:
        """Prints JSON Lines as the documents arrive, or shows the same to people."""
        if self.as_json:
            for document in documents:
                self._json_line(document)
        else:
            show(documents)

    def say(self, text: str) -> None:
        """Prints a text for people; nothing with --json."""
        if not self.as_json:
            self._paper.print(Text(printable(text)))

    def hanging(self, head: str, text: str) -> None:
        """Prints a line whose long text is wrapped below its start."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(Text(head), Text(printable(text)))
        self._paper.print(grid)

    def verbatim(self, text: str) -> None:
        """Prints lines without wrapping."""
        if not self.as_json:
            self._paper.print(Text(printable(text)), soft_wrap=True, end="")

    def note(self, text: str) -> None:
        """Prints a text for people to stderr."""
        if not self.as_json:
            self._aside.print(Text(printable(text)), soft_wrap=True)

    def warn(self, text: str) -> None:
        """Reports a problem of a command that succeeded all the same."""
        if self.as_json:
            print(json.dumps({"warning": text}), file=sys.stderr)
        else:
            self.note(f"warning: {text}")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A column whose title begins with > is right-aligned; one with ~ is wrapped first."""
        cells = [[printable(_cell(value)) for value in row] for row in rows]
        drawn = _table(columns, cells, rigid=True)
        needed = Measurement.get(self._paper, self._paper.options, drawn).minimum
        if needed > self._paper.width:
            drawn = _table(columns, cells, rigid=False)
        self._paper.print(drawn)

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Yields a function to call with the number of items done."""
        with self._live(_WHAT, BarColumn(30), MofNCompleteColumn()) as progress:
            task = progress.add_task(what, total=total)
            yield lambda done: progress.advance(task, done)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Shows a spinner while a deployed function works."""
        with self._live(SpinnerColumn(), _WHAT) as progress:
            progress.add_task(what, total=None)
            yield

    def _live(self, *columns: ProgressColumn) -> Progress:
        return Progress(
            *columns,
            TimeElapsedColumn(),
            console=self._aside,
            transient=True,
            disable=self.as_json or not sys.stderr.isatty(),
        )

    def _json_line(self, document: Json) -> None:
        sys.stdout.write(json.dumps(document, separators=(",", ":")) + "\n")


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, rigid: bool) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for title in columns:
        table.add_column(
            title.lstrip(">~"),
            justify="right" if title.startswith(">") else "left",
            no_wrap=rigid and not title.startswith("~"),
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def printable(text: str) -> str:
    """Without control characters: players can write what a terminal would obey."""
    return "".join(c if c.isprintable() or c in _HARMLESS else "\ufffd" for c in text)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def short_time(iso: str | None) -> str | None:
    """2026-11-21T12:00:00.000Z as 2026-11-21 12:00."""
    return None if iso is None else iso[:16].replace("T", " ")


def duration(ms: int) -> str:
    seconds, rest = divmod(abs(ms), 1000)
    minutes, seconds = divmod(seconds, 60)
    sign = "-" if ms < 0 else ""
    return f"{sign}{minutes}:{seconds:02}.{rest:03}"


def counted(count: int, what: str) -> str:
    """1 entry, 2 entries; 1 board, 2 boards."""
    if count == 1:
        return f"1 {what}"
    return f"{count:,} {what[:-1]}ies" if what.endswith("y") else f"{count:,} {what}s"
