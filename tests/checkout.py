"""A fresh clone of this project, and a shell to run it in."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.bootstrap import ROOT, VENV

_NOT_COPIED: Final = shutil.ignore_patterns(".*", "__pycache__", "cdk.out", "node_modules")
_PRODUCTION: Final = re.compile(r"^PRODUCTION: Final = replace\(.*?^\)\n", re.DOTALL | re.MULTILINE)
_MAKES_OWN: Final = "make: ***"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line that is ours; make adds its own."""
        assert self.out == ""
        [line] = [each for each in self.err.splitlines() if not each.startswith(_MAKES_OWN)]
        return line


@dataclass(frozen=True)
class Checkout:
    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, **variables: str) -> Said:
        ended = subprocess.run(
            [*command],
            cwd=self.path,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(ended.returncode, ended.stdout, ended.stderr)

    def make(self, *words: str, **variables: str) -> Said:
        """Runs make with the Python that installs the dependencies, as in a fresh clone."""
        return self.run("make", f"PYTHON={sys.executable}", *words, **variables)

    def make_installed(self, *words: str, **variables: str) -> Said:
        """Runs make with everything installed."""
        return self.run("make", "PYTHON=true", *words, **variables)

    def module(self, name: str, *arguments: str, **variables: str) -> Said:
        return self.run(sys.executable, "-m", name, *arguments, **variables)

    def left(self) -> list[str]:
        """The files that runs left in the checkout."""
        made = (".local", ".build", "cdk.out", "node_modules")
        return [name for name in made if (self.path / name).exists()]


def checkout(folder: Path, *, installed: bool) -> Checkout:
    path = folder / "game"
    shutil.copytree(ROOT, path, ignore=_not_copied)
    _deliver(path / "config" / "environments.py")
    if installed:
        (path / ".venv").symlink_to(VENV)
    home = folder / "home"
    (home / ".aws").mkdir(parents=True)
    return Checkout(path, _environment(home, path))


def _not_copied(folder: str, names: list[str]) -> set[str]:
    left_out = {"docs", "tests"} if Path(folder) == ROOT else set()
    return left_out & {*names} | _NOT_COPIED(folder, names)


def _deliver(config: Path) -> None:
    """Resets config to its default, so that no edit of this checkout fails a test."""
    text = config.read_text(encoding="utf-8")
    delivered, times = _PRODUCTION.subn("PRODUCTION: Final = replace(\n    DELIVERED,\n)\n", text)
    assert times == 1
    config.write_text(delivered, encoding="utf-8")


def _environment(home: Path, path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "PYTHONPATH": str(path),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def write_config(of: Checkout, *, config: str = "", credentials: str = "") -> None:
    folder = Path(of.environment["HOME"]) / ".aws"
    (folder / "config").write_text(config, encoding="utf-8")
    (folder / "credentials").write_text(credentials, encoding="utf-8")
