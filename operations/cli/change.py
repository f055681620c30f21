"""What changes something: shown first, asked about, recorded, and only then done."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import click

from operations.cli.audit import Audit, new_record
from operations.cli.output import Json
from operations.cli.session import Session
from operations.errors import OperatorError


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
class Change:
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
    session: Session,
    consent: Consent,
    change: Change,
    act: Callable[[], Json],
    show: Callable[[], None] = lambda: None,
) -> None:
    """`act` does it and returns what came of it, whose counts are recorded."""
    if not session.output.as_json:
        show()
    planned = {"command": change.command, **change.document, "planned": change.planned}
    if change.nothing is not None or consent.dry_run:
        _tell(
            session,
            planned | {"done": False},
            change.nothing or f"would {_lowered(change.sentence)}",
        )
        return
    _ask(session, consent, change)
    who = session.target.identity
    record = new_record(session.now_ms, who, change.command, change.arguments)
    with Audit(session.target.shared("dynamodb"), session.table_name).recorded(record):
        result = act()
        record.counts = {
            name: count for name, count in result.items() if isinstance(count, int | bool)
        }
    _tell(session, planned | {"done": True, **result}, _spoken(result))


def _ask(session: Session, consent: Consent, change: Change) -> None:
    if consent.yes:
        return
    if session.output.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Unattended
    if not click.confirm(f"{change.sentence}?", err=True):
        raise Declined


def _tell(session: Session, document: Json, sentence: str) -> None:
    session.output.document(document, lambda: session.output.say(sentence))


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
