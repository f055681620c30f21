"""Ctrl-C ends a command with a word, wherever it is, and never with a traceback."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from local.bootstrap import ROOT
from tests.aws_stub import AwsStub, running_stub
from tests.checkout import checkout


def interrupted(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Once it has printed a line, by the signal that a terminal sends to all of its programs."""
    with started(command, folder, environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        return ended(process)


def started(
    command: list[str], folder: Path, environment: dict[str, str]
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell's background job ignores the signal, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    os.killpg(process.pid, signal.SIGINT)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, out + err


@pytest.mark.parametrize(
    "text",
    [
        "print('importing', flush=True); import time; time.sleep(60)",
        "print('at work', flush=True)\nimport threading\nthreading.Event().wait()",
        # A thread that never ends would be waited for, and that wait be interrupted.
        (
            "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
            "print('at work', flush=True)\nthreading.Event().wait()"
        ),
    ],
)
def test_a_module_is_ended_wherever_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "slow.py").write_text(text)
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    command = [sys.executable, "-m", "local.terminal.interruptible", "slow"]
    assert interrupted(command, tmp_path, environment) == (130, "\ninterrupted\n")


def test_a_module_is_given_its_arguments_and_ends_as_it_would(tmp_path: Path) -> None:
    (tmp_path / "ending.py").write_text("import sys; sys.exit(f'{sys.argv[1:]} {__name__}')")
    ended = subprocess.run(
        [sys.executable, "-m", "local.terminal.interruptible", "ending", "a", "--b"],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, "['a', '--b'] __main__\n")


@pytest.fixture
def silent() -> Iterator[AwsStub]:
    """AWS, asked, and saying nothing."""
    with running_stub() as stub:
        stub.hold = threading.Event()
        yield stub


@pytest.mark.parametrize(
    "words",
    [
        ["deploy"],
        ["bootstrap"],
        ["diff"],
        ["destroy"],
        ["site"],
        ["patch-plan"],
        ["rotate-keys"],
        ["smoke", "SITE=http://127.0.0.1:9", "WRITE=1"],
    ],
)
def test_a_target_that_waits_for_aws_is_ended(
    tmp_path: Path, silent: AwsStub, words: list[str]
) -> None:
    game = checkout(tmp_path, installed=True)
    environment = game.environment | {
        "AWS_ENDPOINT_URL": silent.url,
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }
    with started(["make", "PYTHON=true", *words], game.path, environment) as process:
        assert silent.reached.wait(60)
        code, said = ended(process)
    assert code != 0
    assert "interrupted\n" in said
    assert "Traceback" not in said
