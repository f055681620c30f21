"""Packages a Lambda: its modules, the modules that they import, and bytecode for its Python.

Every package is built under .build/, in a folder named by the hash of its inputs. The same input
gives the same asset, and two builds at the same time do not disturb each other.
"""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from config.environments import Target
from config.games import load_games, runtime_form
from config.manifest import Capability, Function
from config.manifests import CAPABILITIES, erasables, forgettables
from lambdas.scores.games import GAMES_FILE
from local.dependencies.installers import pip_install
from local.dependencies.locks import locked, wanted

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / ".build"
REQUIREMENTS: Final = ROOT / "lambdas" / "requirements.txt"

_OWN: Final = "lambdas"
_RECIPE: Final = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
_GAMES_FILE: Final = f"lambdas/scores/{GAMES_FILE}"
AMAZONS_ROOTS: Final = {
    *(f"Amazon Root CA {number}" for number in (1, 2, 3, 4)),
    "Starfield Services Root Certificate Authority - G2",
}
"""Amazon Trust Services asks custom trust stores to hold these five. Lambdas call AWS alone."""
_ROOT: Final = re.compile(
    r'^# Label: "([^"]+)"$.*?(^-----BEGIN CERTIFICATE-----$.*?^-----END CERTIFICATE-----$)',
    re.MULTILINE | re.DOTALL,
)
_PROVIDED_BY_THE_LAYER: Final = {
    "aws_lambda_powertools",
    "boto3",
    "botocore",
    "cachetools",
    # Of botocore, which pins its major version.
    "urllib3",
}


class PackagingError(Exception):
    """A module that cannot be packaged, and the fix."""


@dataclass(frozen=True, slots=True)
class Package:
    path: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Imports:
    own: frozenset[Path]
    third_party: frozenset[str]


def imports_of(*modules: str) -> Imports:
    """Finds every own module that these modules reach, and every other package they import."""
    own: set[Path] = set()
    third_party: set[str] = set()
    waiting = list(modules)
    while waiting:
        path = _module_file(waiting.pop())
        if path is None or path in own:
            continue
        own.add(path)
        own.update(package / "__init__.py" for package in _packages_above(path))
        for name in _imported_names(path):
            root = name.partition(".")[0]
            if root == _OWN:
                waiting.append(name)
            elif root not in sys.stdlib_module_names:
                third_party.add(root)
    return Imports(frozenset(own), frozenset(third_party))


def _module_file(name: str) -> Path | None:
    path = ROOT.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _packages_above(path: Path) -> Iterator[Path]:
    return (parent for parent in path.parents if parent.is_relative_to(ROOT / _OWN))


def _imported_names(path: Path) -> Iterator[str]:
    for node in _nodes(path.read_text(encoding="utf-8")):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _nodes(source: str) -> tuple[ast.AST, ...]:
    """Of a module that many functions share, found once. Type checkers' imports never run."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    kinds = ast.Import, ast.ImportFrom, ast.Call
    return tuple(node for node in ast.walk(tree) if isinstance(node, kinds))


def services_called() -> set[str]:
    """The AWS services for which any Lambda creates a client."""
    return {
        node.args[0].value
        for path in (ROOT / _OWN).rglob("*.py")
        for node in _nodes(path.read_text(encoding="utf-8"))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "client"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def carried_by(
    function: Function, capabilities: Sequence[Capability] = CAPABILITIES
) -> tuple[str, ...]:
    """Modules that a function finds in its package by their names, without importing them."""
    if function.erases:
        return tuple(f"{_OWN}.{each.name}.erasable" for each in erasables(capabilities))
    if function.forgets:
        return tuple(f"{_OWN}.{each.name}.forgettable" for each in forgettables(capabilities))
    return ()


def function_package(
    function: Function, target: Target, carried: Sequence[str] | None = None
) -> Package:
    """The function's modules under their import paths, and the games if it knows them.

    `carried` are modules that it finds by name, by default those of every capability.
    """
    found = carried_by(function) if carried is None else carried
    imports = imports_of(function.module, *found)
    missing = imports.third_party - _PROVIDED_BY_THE_LAYER - _provided_by(function.layers)
    if missing:
        raise PackagingError(
            f"{function.module} imports {', '.join(sorted(missing))}, which no layer provides: "
            f"add it to {REQUIREMENTS.relative_to(ROOT)}, run make lock, and add it to this "
            "module's list"
        )
    files = {str(path.relative_to(ROOT)): path.read_bytes() for path in sorted(imports.own)}
    for path in _carried_files(function):
        files[str(path.relative_to(ROOT))] = path.read_bytes()
    if function.built_files:
        files |= import_module(function.built_files).files()
    if function.knows_games:
        files[_GAMES_FILE] = runtime_form(load_games()).encode()

    def build(directory: Path) -> None:
        for name, content in files.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_bytes(content)
        compile_bytecode(directory, "/var/task", target)

    inputs = [f"{name}:{hashlib.sha256(content).hexdigest()}" for name, content in files.items()]
    return _built(function.name, [*inputs, _bytecode(target)], build)


def further_requirements(layer: str) -> Path:
    return ROOT / "lambdas" / f"requirements-{layer}.txt"


def _provided_by(layers: Sequence[str]) -> set[str]:
    return {
        pin.name.replace("-", "_")
        for layer in layers
        for pin in wanted(further_requirements(layer))
    }


def _carried_files(function: Function) -> Iterator[Path]:
    for pattern in function.files:
        found = sorted(ROOT.glob(pattern))
        if not found:
            raise PackagingError(
                f"{function.name}: files: {pattern} finds nothing; fix: correct the pattern in "
                "its manifest"
            )
        yield from found


def library_layer(target: Target, requirements: Path = REQUIREMENTS) -> Package:
    """Third-party packages for the target's platform, without files that Lambdas never read."""
    services = services_called()

    def build(directory: Path) -> None:
        libraries = directory / "python"
        _install(libraries, requirements, target)
        _drop_installer_traces(libraries)
        if (libraries / "botocore").is_dir():
            _keep_services(libraries / "botocore" / "data", services)
            _keep_amazons_roots(libraries / "botocore" / "cacert.pem")
            shutil.rmtree(libraries / "boto3" / "data", ignore_errors=True)
        compile_bytecode(libraries, "/opt/python", target)

    inputs = [
        locked(requirements).read_text(),
        ",".join(sorted(services)),
        repr(target),
        _bytecode(target),
    ]
    return _built(requirements.stem.replace("requirements", "layer"), inputs, build)


def _built(name: str, inputs: list[str], build: Callable[[Path], None]) -> Package:
    digest = hashlib.sha256("\n".join([_RECIPE, *inputs]).encode()).hexdigest()
    finished = BUILD / f"{name}-{digest[:16]}"
    if not finished.is_dir():
        BUILD.mkdir(exist_ok=True)
        working = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=BUILD))
        try:
            working.chmod(0o755)
            build(working)
            _put_in_place(working, finished)
        finally:
            shutil.rmtree(working, ignore_errors=True)
    return Package(finished, digest)


def _put_in_place(working: Path, finished: Path) -> None:
    try:
        working.rename(finished)
    except OSError:
        if not finished.is_dir():
            raise


def _install(directory: Path, requirements: Path, target: Target) -> None:
    options = ["--quiet", "--target", str(directory)]
    if target.wheels:
        options += ["--implementation", "cp", "--python-version", target.python]
        options += [part for tag in target.wheels for part in ("--platform", tag)]
    command = pip_install(sys.executable, locked(requirements), *options)
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise PackagingError(
            f"pip could not install {locked(requirements).relative_to(ROOT)} for "
            f"{target.architecture}; "
            f"is the network up? pip said:\n{finished.stderr.strip()}"
        )


def _drop_installer_traces(libraries: Path) -> None:
    shutil.rmtree(libraries / "bin", ignore_errors=True)
    for metadata in libraries.glob("*.dist-info"):
        for trace in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
            (metadata / trace).unlink(missing_ok=True)


def _keep_services(data: Path, services: set[str]) -> None:
    unknown = services - {path.name for path in data.iterdir()}
    if unknown:
        raise PackagingError(f"botocore knows no service named {', '.join(sorted(unknown))}")
    for path in data.iterdir():
        if path.is_dir() and path.name not in services:
            shutil.rmtree(path)
    _cut_endpoints(data / "endpoints.json", services)


def _cut_endpoints(path: Path, services: set[str]) -> None:
    """Without the cut, parsing all endpoints takes a sixth of the time to create a client."""
    content = json.loads(path.read_text(encoding="utf-8"))
    partition = next(part for part in content["partitions"] if part["partition"] == "aws")
    partition["services"] = {
        name: service for name, service in partition["services"].items() if name in services
    }
    content["partitions"] = [partition]
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


def _keep_amazons_roots(bundle: Path) -> None:
    """Each connection reads all roots again: a fifth of the time to create a client, uncut."""
    roots = dict(_ROOT.findall(bundle.read_text(encoding="utf-8")))
    missing = AMAZONS_ROOTS - roots.keys()
    if missing:
        raise PackagingError(
            f"botocore's cacert.pem holds no root named {', '.join(sorted(missing))}: compare "
            "AMAZONS_ROOTS with https://www.amazontrust.com/repository/"
        )
    kept = (f"# {name}\n{roots[name]}\n" for name in sorted(AMAZONS_ROOTS))
    bundle.write_text("".join(kept), encoding="utf-8")


def compile_bytecode(directory: Path, runs_at: str, target: Target) -> None:
    """Bytecode by hash, unchecked: zipping changes the timestamps that Python would compare."""
    interpreter = interpreter_for(target.python)
    if interpreter is None:
        return
    command = [interpreter, "-m", "compileall", "-q", "-j", "1"]
    command += ["--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(directory), "-p", runs_at, str(directory)]
    environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, check=True, env=environment)


def _bytecode(target: Target) -> str:
    return f"bytecode for {target.python}" if interpreter_for(target.python) else "no bytecode"


@cache
def interpreter_for(version: str) -> str | None:
    """Finds the Python that must write the bytecode, which is valid for one minor version."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{version}")
    if found is None:
        return None
    # A version manager may put a launcher on PATH for a Python that is not installed.
    works = subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0
    return found if works else None
