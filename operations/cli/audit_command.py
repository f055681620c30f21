"""htmlgame audit"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import click

from lambdas.scores.periods import iso
from operations.cli.audit import Audit
from operations.cli.command import command
from operations.cli.output import Json, short_time
from operations.cli.session import Session
from operations.errors import WrongArgument

_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@command("audit")
@click.option("--month", help="Such as 2026-11; this month where none is given.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def audit(session: Session, month: str | None, limit: int) -> None:
    """Who changed what, the newest first.

    With --json, one line a record.
    """
    if month is not None and not _MONTH.fullmatch(month):
        raise WrongArgument("--month", f"{month!r} is no month such as 2026-11")
    records = Audit(session.target.shared("dynamodb"), session.table_name).listed(
        month or iso(session.now_ms)[:7], limit
    )
    session.output.lines(
        (record.document() for record in records), lambda each: _show(session, each)
    )


def _show(session: Session, documents: Iterable[Json]) -> None:
    session.output.table(
        ["when (UTC)", "~who", "~what", "~outcome"],
        (
            [
                short_time(document["at"]),
                document["who"].rpartition(":")[2],
                _spoken(document["command"], document["arguments"]),
                _outcome(document),
            ]
            for document in documents
        ),
    )


def _spoken(command: str, arguments: Json) -> str:
    return " ".join([command, *_said(arguments)])


def _said(arguments: Json) -> Iterator[str]:
    for name, value in arguments.items():
        if isinstance(value, dict):
            yield from (f"{key}={each}" for key, each in value.items())
        elif value is True:
            yield name
        elif value is not False:
            yield str(value)


def _outcome(document: Json) -> str:
    return ", ".join([document["outcome"], *map(_count, document["counts"].items())])


def _count(item: tuple[str, int]) -> str:
    name, count = item
    said = {True: "yes", False: "no"}.get(count) if isinstance(count, bool) else count
    return f"{name} {said}"
