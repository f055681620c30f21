"""A change asks for confirmation before it is made."""

import sys
from types import SimpleNamespace
from typing import Any, cast

import click
import pytest

from operations.cli import change as changing
from operations.cli.change import Change, Consent, Declined, Unattended, carry_out
from operations.cli.output import Output
from operations.cli.session import Session
from operations.cli.target import Target

YES, NO = Consent(yes=True, dry_run=False), Consent(yes=False, dry_run=False)


class NoAudit:
    def recorded(self, _record: Any) -> Any:
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def carried_out(
    monkeypatch: pytest.MonkeyPatch,
    consent: Consent,
    *,
    terminal: bool,
    unusual: bool = False,
    answer: bool = True,
    as_json: bool = False,
) -> tuple[bool, list[str]]:
    """Whether it was done, and the questions that were asked."""
    questions: list[str] = []
    done: list[bool] = []

    def confirm(question: str, **_: Any) -> bool:
        questions.append(question)
        return answer

    def act() -> dict[str, int]:
        done.append(True)
        return {"bans": 1}

    monkeypatch.setattr(click, "confirm", confirm)
    monkeypatch.setattr(changing, "audit", lambda _: NoAudit())
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: terminal)
    target = SimpleNamespace(identity="arn:aws:iam::123456789012:user/ann")
    session = Session(cast("Target", target), Output(as_json=as_json))
    change = Change("ban", {}, "Ban nobody", {"bans": 1}, unusual=unusual)
    carry_out(session, consent, change, act)
    return bool(done), questions


def test_yes_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert carried_out(monkeypatch, YES, terminal=True) == (True, [])


def test_something_unusual_is_asked_about_even_with_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = carried_out(monkeypatch, YES, terminal=True, unusual=True)
    assert asked == (True, ["Ban nobody?"])
    with pytest.raises(Declined):
        carried_out(monkeypatch, YES, terminal=True, unusual=True, answer=False)


@pytest.mark.parametrize("as_json", [True, False])
def test_where_nobody_can_answer_yes_is_enough(
    monkeypatch: pytest.MonkeyPatch, *, as_json: bool
) -> None:
    quiet = carried_out(monkeypatch, YES, terminal=as_json, unusual=True, as_json=as_json)
    assert quiet == (True, [])


def test_without_yes_and_a_terminal_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unattended, match="add --yes to do it"):
        carried_out(monkeypatch, NO, terminal=False)
