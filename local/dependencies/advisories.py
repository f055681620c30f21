"""Known vulnerabilities of what is locked, as pip-audit and npm audit report them.

Both ask a service over the network. What it does not answer is returned as not checked, and
never taken for an all-clear.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local.dependencies.lock import NODE_FOLDERS, npm_command
from local.dependencies.locks import LOCKS, ROOT, Lock, pins

_TIMEOUT_S: Final = 300
_MOST_SHOWN: Final = 160


@dataclass(frozen=True)
class Advice:
    what: str
    """The lock that was audited."""
    vulnerable: tuple[str, ...] = ()
    not_checked: str = ""
    """Why the service did not judge all packages, or any."""


def advice() -> Iterator[Advice]:
    for lock in largest(LOCKS):
        yield of_python(lock)
    for folder in NODE_FOLDERS:
        yield of_node(folder)


def largest(locks: Sequence[Lock]) -> list[Lock]:
    """Without the locks whose packages are all in one of the others."""
    sets = {lock: {(pin.name, pin.version) for pin in pins(lock.path)} for lock in locks}
    return [lock for lock in locks if not any(sets[lock] < other for other in sets.values())]


def of_python(lock: Lock, *options: str) -> Advice:
    auditor = Path(sys.executable).with_name("pip-audit")
    command = [str(auditor), "--require-hashes", "--disable-pip", "--format=json"]
    command += ["--progress-spinner=off", *options, "--requirement", str(lock.path)]
    return read_pip_audit(lock.name, *_run(command, ROOT))


def read_pip_audit(what: str, said: str, complaint: str) -> Advice:
    try:
        packages = json.loads(said)["dependencies"]
    except (json.JSONDecodeError, KeyError, TypeError):
        return Advice(what, not_checked=_last_line(complaint or said))
    skipped = [each for each in packages if "skip_reason" in each]
    return Advice(
        what,
        tuple(
            f"{each['name']} {each['version']}: {found['id']}; "
            f"fixed in {', '.join(found['fix_versions']) or 'no version'}"
            for each in packages
            for found in each.get("vulns", ())
        ),
        f"{len(skipped)} of {len(packages)} packages: {skipped[0]['skip_reason']}"
        if skipped
        else "",
    )


def of_node(folder: Path) -> Advice:
    command = npm_command("audit", "--json", "--package-lock-only")
    what = str((folder / "package-lock.json").relative_to(ROOT))
    return read_npm_audit(what, *_run(command, folder))


def read_npm_audit(what: str, said: str, complaint: str) -> Advice:
    try:
        packages = json.loads(said)["vulnerabilities"]
    except (json.JSONDecodeError, KeyError, TypeError):
        return Advice(what, not_checked=_npm_error(said) or _last_line(complaint or said))
    return Advice(what, tuple(_npm_line(name, each) for name, each in sorted(packages.items())))


def _npm_line(name: str, found: dict[str, Any]) -> str:
    causes = [each["title"] if isinstance(each, dict) else f"by {each}" for each in found["via"]]
    affected = f"{name} {found['range']}".rstrip()
    return f"{affected}: {found['severity']}: {'; '.join(causes)}"


def _npm_error(said: str) -> str:
    try:
        content = json.loads(said)
    except json.JSONDecodeError:
        return ""
    return str(content.get("message", ""))[:_MOST_SHOWN] if isinstance(content, dict) else ""


def _run(command: Sequence[str], folder: Path) -> tuple[str, str]:
    """Returns the output and the complaints. Both programs also fail for what they find."""
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
    )
    return ended.stdout, ended.stderr


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines or ["no answer"])[-1][:_MOST_SHOWN]
