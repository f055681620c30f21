"""A change: shown first, confirmed, recorded in the audit, and then made."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import click

from operations.cli.audit import Record, new_record
from operations.cli.audit_table import audit
from operations.cli.output import Json
from operations.cli.session import Session
from operations.errors import OperatorError


class Unattended(OperatorError):
    code = "not_confirmed"

    def __init__(self) -> None:
        super().__init__(
            "there is no terminal to ask on: add --yes to do it, or --dry-run to see what it "
            "would do"
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
    """What it will do, worded to end in a question mark: 'Remove 3 entries from snake/all'."""
    planned: Json
    """The same as counts."""
    nothing: str | None = None
    """Why there is nothing to do, if there is nothing to do."""
    document: Json = field(default_factory=dict)
    """The objects it is about, for --json."""
    unusual: bool = False
    """It may be a mistake, so someone at a terminal is asked even with --yes."""


def carry_out(
    session: Session,
    consent: Consent,
    change: Change,
    act: Callable[[], Json],
    show: Callable[[], None] = lambda: None,
) -> None:
    """Runs `act` once confirmed, and records the counts in its result."""
    carry_out_recorded(session, consent, change, lambda _: act(), show)


def carry_out_recorded(
    session: Session,
    consent: Consent,
    change: Change,
    act: Callable[[Record], Json],
    show: Callable[[], None] = lambda: None,
) -> None:
    """As carry_out, for an `act` that refers to its audit record."""
    if not session.output.as_json:
        show()
    planned = {"command": change.command, **change.document, "planned": change.planned}
    if change.nothing is not None or consent.dry_run:
        sentence = change.nothing or f"would {_lowered(change.sentence)}"
        _report(session, planned | {"done": False}, sentence)
        return
    _confirm(session, consent, change)
    who = session.target.identity
    record = new_record(session.now_ms, who, change.command, change.arguments)
    with audit(session).recorded(record):
        result = act(record)
        record.counts = {
            name: count for name, count in result.items() if isinstance(count, int | bool)
        }
    _report(session, planned | {"done": True, **result}, _summary(result))


def _confirm(session: Session, consent: Consent, change: Change) -> None:
    attended = not session.output.as_json and sys.stdin.isatty() and sys.stderr.isatty()
    if consent.yes and not (change.unusual and attended):
        return
    if not attended:
        raise Unattended
    if not click.confirm(f"{change.sentence}?", err=True):
        raise Declined


def _report(session: Session, document: Json, sentence: str) -> None:
    session.output.document(document, lambda: session.output.say(sentence))


def _lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _summary(result: Json) -> str:
    """Numbers and short texts; the rest is for --json."""
    short = {name: value for name, value in result.items() if isinstance(value, int | str)}
    parts = [f"{name} {_value(value)}" for name, value in short.items()]
    return f"done: {', '.join(parts)}" if parts else "done"


def _value(value: int | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else value
