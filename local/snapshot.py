"""The state of a deployed system, from which others start: a deploy takes a minute, a copy seconds.

Take one of a system that does not run, and whose cloud keeps its state.
"""

import re
import shutil
from pathlib import Path
from typing import Final

_PORT: Final = "port"
_PARTS: Final = ("state", "s3", "issuer.pem", "cdk.out", "deploy.log")
"""What the emulator, the issuer and the CDK read again. Lambdas unpack their code themselves."""


class Snapshot:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def is_whole(self) -> bool:
        return (self._folder / _PORT).is_file()

    def take(self, directory: Path, port: int) -> None:
        """An interrupted one is never whole, because the port is written last."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        _copy(directory, self._folder)
        (self._folder / _PORT).write_text(str(port), encoding="ascii")

    def restore(self, directory: Path, port: int) -> None:
        """For a cloud at any port: addresses in the state follow."""
        _copy(self._folder, directory)
        old = (self._folder / _PORT).read_text(encoding="ascii")
        _move_port(directory / "state", old, str(port))


def _copy(source: Path, target: Path) -> None:
    for name in _PARTS:
        part = source / name
        if part.is_dir():
            shutil.copytree(part, target / name, dirs_exist_ok=True)
        elif part.exists():
            shutil.copy2(part, target / name)


def _move_port(state: Path, old: str, new: str) -> None:
    """In addresses such as x.localhost:4566/v1 and in the origins' <HTTPPort>."""
    address = re.compile(rf"(localhost:|HTTPPort>){old}(?!\d)".encode())
    for file in state.glob("*.json"):
        before = file.read_bytes()
        after = address.sub(rb"\g<1>" + new.encode(), before)
        if after != before:
            file.write_bytes(after)
