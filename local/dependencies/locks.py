"""The lock files of Python packages: what each is made from, and how to read one.

`requirements.txt` names the packages that we import or run. `requirements.lock` beside it
lists those and all that they need, for every supported Python and platform, each with one
version and the hashes of its files. Standard library alone: the bootstrap reads locks, too.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

_INPUTS: Final = "# made from inputs with sha256 "
_INCLUDES: Final = re.compile(r"-r (?P<path>\S+)")
_NAME: Final = r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(\[[A-Za-z0-9,._-]+\])?"
_PINNED: Final = re.compile(rf"{_NAME}==(?P<version>[A-Za-z0-9.!+_-]+)( ; (?P<marker>.+))?")
_HASH: Final = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def locked(requirements: Path) -> Path:
    """The lock that is made from these requirements."""
    return requirements.with_suffix(".lock")


@dataclass(frozen=True)
class Lock:
    inputs: Path
    agrees_with: tuple[Path, ...] = ()
    """Lock files whose versions this one takes, because their code runs together."""

    @property
    def path(self) -> Path:
        return locked(self.inputs)

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))


@dataclass(frozen=True)
class Pin:
    name: str
    version: str
    marker: str = ""
    hashes: tuple[str, ...] = ()


class NotPinned(Exception):
    def __init__(self, path: Path, line: str) -> None:
        super().__init__(f"{path.name}: {line[:80]}: not a package with one version")


_LAYER: Final = Lock(ROOT / "lambdas/requirements.txt")
_SIGNING_LAYER: Final = Lock(ROOT / "lambdas/requirements-signing.txt", (_LAYER.path,))
_SANDBOX_LAYER: Final = Lock(ROOT / "lambdas/requirements-sandbox.txt", (_LAYER.path,))
_TESTS: Final = Lock(
    ROOT / "requirements-dev.txt", (_LAYER.path, _SIGNING_LAYER.path, _SANDBOX_LAYER.path)
)
_CLOUD_TESTS: Final = Lock(ROOT / "local/requirements-cloud-test.txt")

LOCKS: Final = (
    _LAYER,
    _SIGNING_LAYER,
    _SANDBOX_LAYER,
    _TESTS,
    Lock(ROOT / "local/requirements-tools.txt", (_TESTS.path,)),
    Lock(ROOT / "operations/requirements-deploy.txt", (_TESTS.path,)),
    _CLOUD_TESTS,
    Lock(ROOT / "local/requirements-cloud.txt", (_CLOUD_TESTS.path,)),
    Lock(ROOT / "local/requirements-lock.txt"),
    Lock(ROOT / "tests/mutation/requirements.txt"),
)
"""In the order in which they are made: a lock comes after those it agrees with."""


def included(requirements: Path) -> Iterator[Path]:
    """The file and those it includes with -r."""
    yield requirements
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if include := _INCLUDES.fullmatch(line.strip()):
            yield from included((requirements.parent / include["path"]).resolve())


def digest_line(inputs: Path) -> str:
    content = "\n".join(path.read_text(encoding="utf-8") for path in included(inputs))
    return _INPUTS + hashlib.sha256(content.encode()).hexdigest()


def is_stale(lock: Path, inputs: Path) -> bool:
    """Whether the requirements were edited since the lock was made."""
    return digest_line(inputs) not in lock.read_text(encoding="utf-8").splitlines()


def wanted(inputs: Path) -> Iterator[Pin]:
    """The packages that the inputs name, without hashes."""
    for path in included(inputs):
        for line in _logical_lines(path):
            if not _INCLUDES.fullmatch(line):
                yield _pin(path, line)


def pins(lock: Path) -> list[Pin]:
    return [_pin(lock, line) for line in _logical_lines(lock)]


def _logical_lines(path: Path) -> Iterator[str]:
    joined = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in joined.splitlines():
        bare = line.partition("#")[0].strip()
        if bare:
            yield " ".join(bare.split())


def _pin(path: Path, line: str) -> Pin:
    words = line.split(" --hash=")
    found = _PINNED.fullmatch(words[0])
    hashes = tuple(f"--hash={word}" for word in words[1:])
    if found is None or not all(_HASH.fullmatch(each) for each in hashes):
        raise NotPinned(path, line)
    return Pin(normalised(found["name"]), found["version"], found["marker"] or "", hashes)


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
