"""What changes something: shown first, asked about, recorded, and only then done."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import click

from operations.cli.audit import Audit, new_record
from operations.cli.session import Desk
from operations.errors import OperatorError
from operations.cli.output import Json


class Unattended(OperatorError):
    code = "not_confirmed"

    def __init__(self) -> None:
        super().__init__(
            "nobody is here to say yes: say --yes to do it, or --dry-run to see what it would do"
        )


class Declined(OperatorError):
    code = "declined"

    def __init__(self) -> None:
        super().__init__("nothing was changed")


@dataclass(frozen=True, slots=True)
class Consent:
    yes: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Deed:
    command: str
    arguments: Json
    sentence: str
    """What it will do, so that it ends a question: 'Remove 3 entries from snake/all'."""
    planned: Json
    """The same in counts."""
    nothing: str | None = None
    """Why there is nothing to do, where there is not."""
    document: Json = field(default_factory=dict)
    """What it is about, for programs."""


def carry_out(
    desk: Desk,
    consent: Consent,
    deed: Deed,
    act: Callable[[], Json],
    show: Callable[[], None] = lambda: None,
) -> None:
    """`act` does it and returns what came of it, whose counts are recorded."""
    if not desk.output.as_json:
        show()
    planned = {"command": deed.command, **deed.document, "planned": deed.planned}
    if deed.nothing is not None or consent.dry_run:
        _tell(desk, planned | {"done": False}, deed.nothing or f"would {_lowered(deed.sentence)}")
        return
    _ask(desk, consent, deed)
    who = desk.place.identity
    record = new_record(desk.now_ms, who, deed.command, deed.arguments)
    with Audit(desk.place.shared("dynamodb"), desk.table_name).recorded(record):
        result = act()
        record.counts = {
            name: count for name, count in result.items() if isinstance(count, int | bool)
        }
    _tell(desk, planned | {"done": True, **result}, _spoken(result))


def _ask(desk: Desk, consent: Consent, deed: Deed) -> None:
    if consent.yes:
        return
    if desk.output.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Unattended
    if not click.confirm(f"{deed.sentence}?", err=True):
        raise Declined


def _tell(desk: Desk, document: Json, sentence: str) -> None:
    desk.output.document(document, lambda: desk.output.say(sentence))


def _lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _spoken(result: Json) -> str:
    """What can be said in a word; programs are told the rest, too."""
    said = {name: value for name, value in result.items() if isinstance(value, int | str)}
    parts = [f"{name} {_value(value)}" for name, value in said.items()]
    return f"done: {', '.join(parts)}" if parts else "done"


def _value(value: int | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else value
