"""What make audit can say without a network: is every dependency locked, and every lock used?

Each check yields one line for each problem. Standard library alone.
"""

import ast
import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from local.dependencies.locks import LOCKS, ROOT, Lock, NotPinned, included, is_stale, pins, wanted

_REQUIREMENTS: Final = re.compile(r"(requirements|constraints)[^/]*\.(txt|in|lock)")
_OF_THE_MACHINE: Final = re.compile(r"\b(python_|sys_platform|platform_(machine|system|release))")
_INTEGRITY: Final = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
_KINDS: Final = ("dependencies", "devDependencies", "optionalDependencies")

_INSTALLERS: Final = {
    "ensurepip", "npm", "npm-cli.js", "npx", "npx-cli.js", "pip", "pip3", "pipx", "pnpm",
    "uv", "uvx", "yarn",
}  # fmt: skip
_MAY_INSTALL: Final = {
    "local/dependencies/audit.py",
    "local/dependencies/checks.py",
    "local/dependencies/installers.py",
    "local/dependencies/lock.py",
    "tests/local/dependencies/test_checks.py",
}
_INSTALLS: Final = re.compile(
    r"\b(pip3?|uv pip|uv tool|pipx|uv) (install|add|run|sync|download)\b"
    r"|\b(npm|pnpm|yarn) (install|i|ci|add|exec|update|x)\b|\b(npx|uvx|corepack) \S"
)
_SPEAKS_TO_PEOPLE: Final = {".md"}


def problems() -> Iterator[str]:
    files = tracked()
    yield from unknown_lists(files)
    for lock in LOCKS:
        yield from lock_problems(lock)
    for name in files:
        if Path(name).name == "package.json":
            yield from node_problems((ROOT / name).parent)
    for name in files:
        yield from command_problems(name, (ROOT / name).read_bytes())


def tracked() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def unknown_lists(files: Iterable[str]) -> Iterator[str]:
    known = {lock.path for lock in LOCKS}
    known |= {path for lock in LOCKS for path in included(lock.inputs)}
    for name in files:
        if _REQUIREMENTS.fullmatch(Path(name).name) and ROOT / name not in known:
            yield f"{name}: no lock is made of it; fix: add it to LOCKS in local/dependencies"


def lock_problems(lock: Lock) -> Iterator[str]:
    if not lock.path.is_file():
        yield f"{lock.name}: missing; fix: make lock"
        return
    if is_stale(lock.path, lock.inputs):
        yield f"{lock.name}: its requirements were edited since it was made; fix: make lock"
    try:
        locked, asked = pins(lock.path), list(wanted(lock.inputs))
    except NotPinned as error:
        yield f"{lock.name}: {error}"
        return
    versions = {(pin.name, pin.version) for pin in locked}
    for pin in locked:
        if not pin.hashes:
            yield f"{lock.name}: {pin.name}=={pin.version} has no hash; fix: make lock"
        if _is_of_a_layer(lock) and _OF_THE_MACHINE.search(pin.marker):
            yield f"{lock.name}: {pin.name}: pip would compare {pin.marker} with this machine"
    for pin in asked:
        if (pin.name, pin.version) not in versions:
            yield f"{lock.name}: {pin.name}=={pin.version} is not in it; fix: make lock"
    for other in lock.agrees_with:
        yield from _disagreements(lock, versions, other)


def _is_of_a_layer(lock: Lock) -> bool:
    """A layer is for another Python and platform than those that pip runs on."""
    return lock.name.startswith("lambdas/")


def _disagreements(lock: Lock, versions: set[tuple[str, str]], other: Path) -> Iterator[str]:
    names = {name for name, _ in versions}
    for pin in pins(other):
        if pin.name in names and (pin.name, pin.version) not in versions:
            theirs = f"{pin.name}=={pin.version} of {other.relative_to(ROOT)}"
            yield f"{lock.name}: has another version than {theirs}; fix: make lock"


def node_problems(folder: Path) -> Iterator[str]:
    package = _read(folder / "package.json")
    asked = {kind: package[kind] for kind in _KINDS if package.get(kind)}
    if not asked:
        return
    path = folder / "package-lock.json"
    name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
    if not path.is_file():
        yield f"{name}: missing; fix: make lock"
        return
    entries = _read(path)["packages"]
    root = entries.get("", {})
    if {kind: root[kind] for kind in _KINDS if root.get(kind)} != asked:
        yield f"{name}: package.json was edited since it was made; fix: make lock"
    for kind, dependencies in asked.items():
        for dependency, version in dependencies.items():
            if not re.fullmatch(r"(npm:(@[^/]+/)?[^@]+@)?\d+\.\d+\.\d+[\w.+-]*", version):
                yield f"{name}: {kind}: {dependency} {version} is not one version"
    for place, entry in entries.items():
        yield from (f"{name}: {place}: {each}" for each in _entry_problems(place, entry))


def _entry_problems(place: str, entry: dict[str, Any]) -> Iterator[str]:
    if place and not entry.get("inBundle") and not _INTEGRITY.fullmatch(entry.get("integrity", "")):
        yield "no sha512 integrity; fix: delete the entry, then make lock"
    if "resolved" in entry or entry.get("link"):
        yield "names where it comes from, which is not everybody's registry; fix: make lock"


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def command_problems(name: str, content: bytes) -> Iterator[str]:
    """Commands that install outside of installers.py, where they take no locked hashes."""
    if name in _MAY_INSTALL or Path(name).suffix in _SPEAKS_TO_PEOPLE or b"\0" in content:
        return
    text = content.decode(errors="replace")
    found = _in_python(text) if name.endswith(".py") else _in_lines(text)
    for line, command in found:
        yield f"{name}:{line}: {command}: fix: install by local/dependencies/installers.py"


def _in_lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := _INSTALLS.search(line):
            yield number, found[0]


def _in_python(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.List | ast.Tuple | ast.Call):
            yield from _words(node.args if isinstance(node, ast.Call) else node.elts)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, found[0]) for found in _INSTALLS.finditer(node.value))
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):
            yield from _words([node.right])


def _words(nodes: Sequence[ast.expr]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.Constant) and node.value in _INSTALLERS:
            yield node.lineno, str(node.value)
