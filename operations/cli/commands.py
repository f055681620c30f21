"""htmlgame audit"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import click

from lambdas.shared.values.clock import iso
from operations.cli.audit_table import audit as audit_of
from operations.cli.command import command
from operations.cli.output import Json, short_time
from operations.cli.session import Session
from operations.errors import WrongArgument

_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@command("audit")
@click.option("--month", help="A month such as 2026-11. The default is this month.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def audit(session: Session, month: str | None, limit: int) -> None:
    """List who changed what, the newest first.

    With --json it prints one line for each record.
    """
    if month is not None and not _MONTH.fullmatch(month):
        raise WrongArgument("--month", f"{month!r} is no month such as 2026-11")
    records = audit_of(session).listed(month or iso(session.now_ms)[:7], limit)
    documents = (record.document() for record in records)
    session.output.lines(documents, lambda each: _show(session, each))


def _show(session: Session, documents: Iterable[Json]) -> None:
    session.output.table(
        ["when (UTC)", "~who", "~what", "~outcome"],
        (
            [
                short_time(document["at"]),
                document["who"].rpartition(":")[2],
                " ".join([document["command"], *_words(document["arguments"])]),
                ", ".join([document["outcome"], *map(_count, document["counts"].items())]),
            ]
            for document in documents
        ),
    )


def _words(arguments: Json) -> Iterator[str]:
    for name, value in arguments.items():
        if isinstance(value, dict):
            yield from (f"{key}={each}" for key, each in value.items())
        elif value is True:
            yield name
        elif value is not False:
            yield str(value)


def _count(item: tuple[str, int]) -> str:
    name, count = item
    if isinstance(count, bool):
        return f"{name} {'yes' if count else 'no'}"
    return f"{name} {count}"
