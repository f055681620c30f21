"""Copies of the tree: what is mutated is never the tree itself."""

import os
import shutil
from pathlib import Path
from typing import Final

_SHARED: Final = (".venv", ".local", "node_modules")
"""Installed, and only read."""
_LEFT_OUT: Final = {
    *_SHARED,
    ".git",
    ".hypothesis",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "cdk.out",
}


class Tree:
    def __init__(self, root: Path) -> None:
        self.root = root

    def copied(self, to: Path) -> "Tree":
        shutil.copytree(self.root, to, ignore=_left_out, symlinks=True)
        for name in _SHARED:
            if (self.root / name).exists():
                (to / name).symlink_to((self.root / name).resolve())
        return Tree(to)

    def again(self, to: Path) -> "Tree":
        """With the bytecode that the first run of the tests has left."""
        shutil.copytree(self.root, to, symlinks=True)
        return Tree(to)

    def write(self, path: str, text: str) -> None:
        """With a new time: Python takes bytecode for a file's own by its time and size alone."""
        file = self.root / path
        modified = file.stat().st_mtime_ns + 2_000_000_000
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(modified, modified))

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")


def _left_out(_folder: str, names: list[str]) -> set[str]:
    return _LEFT_OUT & set(names)
