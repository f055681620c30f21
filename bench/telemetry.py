"""Telemetry: billed units of an event, alone and in batches, and CPU per request."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import handlers
from bench.report import table
from config.capabilities import telemetry
from config.prices import price_table
from config.units import Usage

_PROBE: Final = Path(__file__).with_name("telemetry_probe.py")
_MILLION: Final = 1_000_000
_REQUESTS: Final = 20
_KINDS: Final = ("plain", "without its log line", "with its log line")
_BATCHES: Final = (1, 5, 10, 25)


def run() -> None:
    _bill()
    _cpu()


def _bill() -> None:
    """By the units that tests measure, without compute, which depends on the duration."""
    rows = []
    for size in _BATCHES:
        usage = telemetry.events(size) * (1 / size)
        rows.append(
            (
                f"in batches of {size}" if size > 1 else "alone",
                usage["dynamodb.writes"],
                usage["http_api.requests"],
                f"{_dollars(usage * _MILLION):.2f}",
                f"{_dollars(_of(usage, 'dynamodb') * _MILLION):.2f}",
            )
        )
    table(
        f"A million events at list prices of {price_table().read}, no free tier",
        ["event", "write units", "requests", "$", "of it DynamoDB $"],
        rows,
    )


def _of(usage: Usage, service: str) -> Usage:
    return Usage({name: each for name, each in usage.amounts.items() if name.startswith(service)})


def _dollars(usage: Usage) -> float:
    prices = price_table().prices
    return sum(prices[name].usd / prices[name].per * each for name, each in usage.amounts.items())


def _cpu() -> None:
    """In instructions if valgrind is installed, which are repeatable; else in microseconds."""
    counted = shutil.which("valgrind") is not None
    cost = _counted if counted else _timed
    rows = []
    for size in (1, 25):
        plain, ours, logged = (cost(kind, size) for kind in _KINDS)
        name = f"a batch of {size}" if size > 1 else "one event"
        shown = (f"{each / size:.0f}" for each in (ours, plain))
        rows.append((name, ours / plain, (logged - ours) / plain, *shown))
    unit = "thousand instructions" if counted else "µs"
    table(
        f"Ingest, CPU in {unit}, against a plain handler that keeps the same (tables stubbed)",
        ["request", "ratio", "its log line", "an event", "plain"],
        rows,
    )


def _counted(kind: str, size: int) -> float:
    """The difference to twice as many requests, so that start-up does not count."""
    more, fewer = (_instructions(kind, size, times * _REQUESTS) for times in (2, 1))
    return (more - fewer) / _REQUESTS / 1e3


def _instructions(kind: str, size: int, times: int) -> float:
    counting = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    said = _probe(kind, size, times, around=counting).stderr
    [line] = [line for line in said.splitlines() if "Collected :" in line]
    return float(line.rpartition(":")[2])


def _timed(kind: str, size: int) -> float:
    return float(_probe(kind, size, _REQUESTS * 5).stdout) * 1e6


def _probe(
    kind: str, size: int, times: int, around: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    paths = (handlers.package(telemetry.INGEST), handlers.layer())
    asked = {"KIND": kind, "SIZE": str(size), "TIMES": str(times)}
    return subprocess.run(
        [*around, *handlers.command(_PROBE.read_text())],
        env=handlers.environment(*paths, function=telemetry.INGEST)
        | asked
        | ({"COUNTED": "1"} if around else {}),
        check=True,
        capture_output=True,
        text=True,
    )
