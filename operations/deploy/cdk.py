"""Runs the CDK's command line, and writes its output to .build/cdk-synth.log and so on.

When it fails, the lines that explain the failure are shown, and the log is named.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from local.terminal.progress import Step, step
from operations.account.settings import aws_settings
from operations.deploy.destroy import refuse_foreign_stacks
from operations.errors import OperatorError
from operations.rooms import ROOT

BUILD: Final = ROOT / ".build"
_CLI: Final = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")
_EVENT: Final = re.compile(r"^(\w+Stack|CDKToolkit) \| +(\d+(?:/\d+)?) \|")
_DONE: Final = re.compile(r"^ *✅ +(\w+)( \(no changes\)|: destroyed)?$")
_AFTER: Final = {None: "", " (no changes)": ": nothing changed", ": destroyed": ": deleted"}
_STACK: Final = re.compile(r"^Stack \w+")
_APP_ENDED: Final = re.compile(r"Subprocess exited with error")
_EXPLAINS: Final = re.compile(r"_FAILED\b|\b[Ff]ail(ed)?\b|[Ee]rror: *\S|❌")
_TRACE: Final = re.compile(r"^\s+(at |File )|^Traceback ")
_RULE: Final = "ERROR "
_MOST_SHOWN: Final = 12


class CdkError(OperatorError):
    """Why the CDK failed, and the path of its log."""

    code = "cdk"


def run_cdk(
    arguments: Sequence[str],
    *,
    log: Path,
    running: Step,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    node: str = "node",
    mode: str = "w",
) -> list[str]:
    """Returns the lines of its output, and shows none of them."""
    said: list[str] = []
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open(mode) as kept,
        subprocess.Popen(
            [node, str(_CLI), *arguments, "--no-notices"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        for line in process.stdout or ():
            kept.write(line)
            said.append(line.rstrip())
            if event := _EVENT.match(line):
                running.note(f"{event[1]} {event[2]}")
    if process.returncode:
        raise CdkError(f"{what_failed(said)}\n(log: {_shown(log)})")
    return said


def what_failed(said: Sequence[str]) -> str:
    """The lines that explain the failure, without stack traces; the last line of a failed app."""
    lines = [plain for line in said if (plain := _ANSI.sub("", line).rstrip())]
    ended = next((at for at, line in enumerate(lines) if _APP_ENDED.search(line)), None)
    if ended:
        return _last_line(lines[:ended])
    lines = [line for line in lines if not _TRACE.match(line)]
    return "\n".join(dict.fromkeys([*_explaining(lines)] or lines[-_MOST_SHOWN:]))


def _explaining(lines: Sequence[str]) -> Iterator[str]:
    for at, line in enumerate(lines):
        if line.startswith(_RULE):
            # The resource and the name of the rule follow on the next lines.
            yield from lines[at : at + 3]
        elif _EXPLAINS.search(line):
            yield line


def _last_line(lines: Sequence[str]) -> str:
    unindented = [line for line in lines if not line.startswith(" ")]
    frames = [line.strip() for line in lines if line.startswith("  File ") and str(ROOT) in line]
    if not frames:
        return unindented[-1]
    return f"{unindented[-1]} ({frames[-1].replace(f'{ROOT}{os.sep}', '')})"


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def synth(arguments: Sequence[str]) -> None:
    with step("writing the templates") as running:
        _run(["synth", "--quiet", *arguments], running)


def deploy(arguments: Sequence[str]) -> None:
    with step("deploying") as running:
        said = _run(["deploy", "--progress=events", *_outputs(), *arguments], running)
    _print_stacks(said)
    for value in _written_outputs():
        print(value)


def diff(arguments: Sequence[str]) -> None:
    """Shows the CDK's output from its first stack on, in colours on a terminal."""
    colours = {"FORCE_COLOR": "1"} if sys.stdout.isatty() else {}
    with step("comparing the templates") as running:
        said = _run(["diff", "--method=template", *arguments], running, colours)
    first = next((at for at, line in enumerate(said) if _STACK.match(_ANSI.sub("", line))), 0)
    print("\n".join(said[first:]).rstrip())


def refuse_unattended(arguments: Sequence[str]) -> None:
    """Raises if cdk destroy would ask, and there is no terminal to ask on."""
    if not _is_forced(arguments) and not sys.stdin.isatty():
        raise CdkError(
            "make destroy asks before it deletes, and there is no terminal to ask on; "
            'fix: run it in a terminal, or make destroy ARGS="--all --force"'
        )


def _is_forced(arguments: Sequence[str]) -> bool:
    return bool({"--force", "-f"} & set(arguments))


def destroy(arguments: Sequence[str]) -> None:
    app = "cdk.out/destroy"
    synth(["--output", app, *_context(arguments)])
    refuse_foreign_stacks(app, arguments)
    command = ["destroy", *arguments, "--app", app]
    if not _is_forced(arguments):
        _ask_and_destroy(command)
        return
    with step("deleting the stacks") as running:
        said = _run([*command, "--progress=events"], running)
    _print_stacks(said)


def _ask_and_destroy(command: Sequence[str]) -> None:
    """The CDK itself asks on the terminal, and shows its progress there."""
    cdk = ["node", str(_CLI), *command, "--no-notices"]
    ended = subprocess.run(cdk, cwd=ROOT, env=cdk_environment(), check=False)
    if ended.returncode:
        raise CdkError("cdk destroy ended early; make preflight shows the state of the stacks")


def _print_stacks(said: Sequence[str]) -> None:
    for line in said:
        if done := _DONE.match(_ANSI.sub("", line)):
            print(f"✓ {done[1]}{_AFTER[done[2]]}")


def _context(arguments: Sequence[str]) -> Iterator[str]:
    """The options that decide which stacks there are, such as -c environment=complete."""
    words = iter(arguments)
    for word in words:
        if word in {"-c", "--context"}:
            yield from (word, next(words, ""))
        elif word.startswith("--context="):
            yield word


def _run(
    arguments: Sequence[str], running: Step, extra: Mapping[str, str] | None = None
) -> list[str]:
    return run_cdk(
        arguments,
        log=BUILD / f"cdk-{arguments[0]}.log",
        running=running,
        environment={**cdk_environment(), **(extra or {})},
    )


def cdk_environment() -> dict[str, str]:
    """With the keys of a role that requires an MFA code: the CDK's own prompt would not be seen."""
    settings = aws_settings()
    if "mfa_serial" not in settings.of_profile:
        return dict(os.environ)
    from operations.account.aws_session import aws_core

    keys = aws_core().get_credentials().get_frozen_credentials()
    return os.environ | {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": keys.token or "",
    }


def _outputs() -> list[str]:
    path = BUILD / "outputs.json"
    path.unlink(missing_ok=True)
    return [f"--outputs-file={path}"]


def _written_outputs() -> Iterator[str]:
    path = BUILD / "outputs.json"
    if path.is_file():
        for outputs in json.loads(path.read_text(encoding="utf-8")).values():
            yield from (f"{name}: {value}" for name, value in outputs.items())
