"""How a command that fails ends: one message and the exit code of its kind."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import pytest

from local.bootstrap import ROOT
from local.terminal.errors import VariableError
from operations.cli import main
from operations.cli.main import run

FULL: Final = Path("/dev/full")


def ending_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(main, "_discard_output", lambda: None)
    monkeypatch.setattr(main.root, "main", fail)
    return run(["boards"])


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (VariableError("CLOUD_PORT", 0, "no port", "leave it out"), 2, "CLOUD_PORT=0: no port"),
        (click.UsageError("there is no such option"), 2, "there is no such option"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out.jsonl"), 1, "out.jsonl: No space"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 1, "No space left on device"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_a_failure_is_one_message_and_its_exit_code(
    error: BaseException,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ending_with(error, monkeypatch) == code
    said = capsys.readouterr().err
    assert said.startswith(says)
    assert said.count("\n") == 1


def test_an_unexpected_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        ending_with(ZeroDivisionError(), monkeypatch)


@pytest.mark.skipif(not FULL.exists(), reason="there is no full disk to write to")
def test_output_to_a_full_disk_is_one_message() -> None:
    with FULL.open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "operations", "--version"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (1, "No space left on device\n")


def test_an_interruption_during_the_imports_is_one_word() -> None:
    """The interpreter is interrupted at the first import of the program."""
    interrupting = (
        "import builtins, os, runpy, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "imported = builtins.__import__\n"
        "def importing(name, *rest, **more):\n"
        "    if name == 'operations.cli.main':\n"
        f"        os.kill(os.getpid(), {int(signal.SIGINT)})\n"
        "    return imported(name, *rest, **more)\n"
        "builtins.__import__ = importing\n"
        "runpy.run_module('operations', run_name='__main__')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", interrupting], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")
