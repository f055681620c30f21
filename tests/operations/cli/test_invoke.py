"""People see that a deployed function is at work; programs and logs do not."""

import io
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from operations.cli.invoke import invoke
from operations.cli.output import Output
from operations.cli.session import Session
from operations.cli.target import Target


def waited(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    as_json: bool,
    terminal: bool = True,
) -> Any:
    client = SimpleNamespace(
        invoke=lambda **_: {"Payload": io.BytesIO(b'{"deleted": 3}')}, close=lambda: None
    )
    target = SimpleNamespace(client=lambda *_: client)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    session = Session(cast("Target", target), Output(as_json=as_json))
    assert invoke(session, "trim-top", {}, doing="trimming 13 boards") == {"deleted": 3}
    return capsys.readouterr()


def test_progress_is_shown_beside_the_output_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = waited(monkeypatch, capsys, as_json=False)
    assert "trimming 13 boards" in said.err
    assert said.out == ""


def test_programs_and_logs_see_none_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert waited(monkeypatch, capsys, as_json=True) == ("", "")
    assert waited(monkeypatch, capsys, as_json=False, terminal=False) == ("", "")
