"""Cold starts: a fresh process with warm bytecode, compared to one that only makes a client.

Instructions where valgrind can count them, which repeat to the percent; else CPU time. With the
Python that Lambda runs, if it is on PATH.
"""

import re
import resource
import shutil
import statistics
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Final

from bench import first_request, handlers
from bench.report import table
from config.capabilities.players import CHAT
from config.manifests import FUNCTIONS

_BARE: Final = "import boto3; boto3.client('dynamodb')"
_ROUNDS: Final = 11
_COUNTED: Final = re.compile(r"Collected : (\d+)")

Run = tuple[list[str], dict[str, str]]


def run() -> None:
    with tempfile.TemporaryDirectory() as folder, first_request.started(Path(folder)) as aws:
        stock = Path(folder) / "stock"
        stock.mkdir()
        _run(_stock(stock), aws)


def _stock(folder: Path) -> Path:
    """boto3 as pip installs it, alone, because botocore would import awscrt if available."""
    installed = Path(sysconfig.get_path("purelib"))
    for name in ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3"):
        (folder / name).symlink_to(installed / name)
    return folder


def _run(stock: Path, aws: first_request.Aws) -> None:
    runs: dict[str, Run] = {
        "stock boto3, one client": (handlers.command(_BARE), handlers.environment(stock)),
        "the layer's boto3, one client": (
            handlers.command(_BARE),
            handlers.environment(handlers.layer()),
        ),
    }
    for function in FUNCTIONS:
        paths = (handlers.package(function), handlers.layer(), *handlers.further_layers(function))
        runs[function.name] = (
            handlers.command(f"import {function.module}"),
            handlers.environment(*paths, function=function),
        )
    runs |= first_request.runs(aws)
    runs[f"{CHAT.name}, and the model's client"] = _chat_with_model()
    for each in runs.values():  # the first run writes what bytecode is missing
        _start(each)
    counted = shutil.which("valgrind") is not None
    measured = _instructions(runs) if counted else _cpu_seconds(runs)
    bare = next(iter(measured.values()))
    table(
        f"Cold start, {'instructions' if counted else 'CPU time'}, "
        f"Python {handlers.target().python}",
        ["process", "ratio", "millions" if counted else "ms"],
        [
            (name, cost / bare, f"{cost / 1e6:.0f}" if counted else f"{cost * 1e3:.0f}")
            for name, cost in measured.items()
        ],
    )


def _chat_with_model() -> Run:
    """As for its first message: the function makes this client when the first one asks for it."""
    paths = (handlers.package(CHAT), handlers.layer())
    script = f"import {CHAT.module} as chat; chat._bedrock()"
    return handlers.command(script), handlers.environment(*paths, function=CHAT)


def _start(run: Run) -> None:
    command, environment = run
    # Their log lines would spoil the table.
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _instructions(runs: dict[str, Run]) -> dict[str, float]:
    counts = {}
    for name, (command, environment) in runs.items():
        counting = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
        said = subprocess.run(
            counting, env=environment, check=True, capture_output=True, text=True
        ).stderr
        found = _COUNTED.search(said)
        assert found, said
        counts[name] = float(found[1])
    return counts


def _cpu_seconds(runs: dict[str, Run]) -> dict[str, float]:
    """Interleaved, so that other load affects all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(_ROUNDS):
        for name, each in runs.items():
            seconds[name].append(_children_cpu(each))
    return {name: statistics.median(measured) for name, measured in seconds.items()}


def _children_cpu(run: Run) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _start(run)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
