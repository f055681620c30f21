"""Insights: the cost of a log line, the size of counts, and the time of a function's run."""

import gzip
import json
import random
import re
import statistics
import subprocess
import sys
import time
from typing import Final

from bench.report import table
from config.capabilities.insights import REQUESTS
from config.views import views_in
from lambdas.insights.aggregates import Aggregate
from lambdas.insights.catalogue import AtEdge, Catalogue, Served
from lambdas.insights.folding import fold
from lambdas.insights.quantiles import ERROR, Quantiles
from lambdas.insights.table import item_of
from lambdas.shared.dynamo.items import packed
from local.bootstrap import ROOT

_LINES: Final = 100_000
_RUNS: Final = 200
_VALUES: Final = 200_000
_NOW: Final = 1_795_262_400_000
_STEMS: Final = ("/index.html", "/api/get-start", "/api/ranking/snake/all", "/api/scores/a/b/u")
_CATALOGUE: Final = Catalogue(
    served=(
        Served("PUT", "/api/scores/{gameId}/{period}/{userId}", "python-put-score"),
        Served("GET", "/api/ranking/{gameId}/{period}", "python-get-ranking"),
    ),
    at_edge=(
        AtEdge("/api/get-start", "javascript-get-start"),
        AtEdge("/api/scores/*", "javascript-validate"),
        AtEdge("/api/ranking/*"),
    ),
)


_FILES_AN_HOUR: Final = 120
"""CloudFront's, of a busy site."""
_DAY_ROWS: Final = 1_000_000
_DAYS: Final = 7
"""Of which the views read the rows."""


def run() -> None:
    _viewing(_folding())
    _sketching()
    _running()


class _Files:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.rows: list[bytes] = []
        self.counts: list[Aggregate] = []

    def read(self, _key: str) -> bytes:
        return self.content

    def write_rows(self, _day: str, _name: str, content: bytes) -> None:
        self.rows.append(content)

    def set_aside(self, key: str, content: bytes) -> None:
        raise AssertionError((key, content))

    def delete(self, _key: str) -> None: ...

    def count(self, _day: str, _hour: str, _fn: str, counted: Aggregate, _mark: str) -> bool:
        self.counts.append(counted)
        return True


def _folding() -> float:
    """The bytes of a row."""
    files = _Files(gzip.compress("\n".join(map(json.dumps, map(_line, range(_LINES)))).encode()))
    started = time.process_time()
    folded = fold(
        "logs/a.gz",
        files,
        files,
        catalogue=_CATALOGUE,
        hashing=lambda user, _: user,
        now_ms=_NOW,
    )
    seconds = time.process_time() - started
    assert folded is not None
    assert folded.rows == _LINES
    row_bytes = sum(map(len, files.rows)) / _LINES
    sizes = [len(json.dumps(packed(item_of(each)), default=len)) for each in files.counts]
    units = sum(-(-size // 1024) for size in sizes)
    table(
        f"One file of {_LINES:,} lines",
        ["", "measured"],
        [
            ["CPU, µs a line", seconds / _LINES * 1e6],
            ["rows for Athena, bytes each", row_bytes],
            ["counts written: one for each function and hour", len(files.counts)],
            ["write units for them", units],
            [f"write units an hour, with {_FILES_AN_HOUR} files", units * _FILES_AN_HOUR],
        ],
    )
    return row_bytes


def _line(number: int) -> dict[str, str]:
    chance = random.Random(number)
    stem = chance.choice(_STEMS)
    return {
        "timestamp(ms)": str(_NOW - chance.randrange(3_600_000)),
        "x-edge-request-id": f"{chance.getrandbits(336):056x}==",
        "cs-method": "PUT" if "scores" in stem else "GET",
        "cs-uri-stem": f"{stem}{chance.randrange(500)}" if "scores" in stem else stem,
        "sc-status": chance.choice(["200"] * 9 + ["422"]),
        "sc-bytes": str(chance.randrange(300, 5000)),
        "time-taken": f"{chance.lognormvariate(-5, 1):.3f}",
        "x-edge-result-type": chance.choice(["Hit", "Miss", "FunctionGeneratedResponse"]),
        "sc-content-type": "application/json;%20code=below_threshold",
        "origin-fbl": "-",
    }


def _viewing(row_bytes: float) -> None:
    """Athena reads whole files of JSON, each time a query names their table."""
    views = {each.name: each.sql for each in views_in("insights-views")}
    scanned = _DAYS * _DAY_ROWS * row_bytes
    rows = [[name, _reads(sql, views) * scanned / 1e6] for name, sql in views.items()]
    table(f"Scanned by a query of a view, with {_DAY_ROWS:,} requests a day", ["", "MB"], rows)


def _reads(sql: str, views: dict[str, str]) -> int:
    """How often a query reads the table, through all the views that it names."""
    names = re.findall(r"(?:FROM|JOIN) (\w+)", sql)
    return sum(1 if each == REQUESTS else _reads(views.get(each, ""), views) for each in names)


def _sketching() -> None:
    rows = []
    for name, values in _durations().items():
        sketch = Quantiles()
        started = time.process_time()
        for value in values:
            sketch.add(value)
        seconds = time.process_time() - started
        exact = sorted(values)
        worst = max(
            abs((sketch.at(share) or 0) / exact[int(share * (len(exact) - 1))] - 1)
            for share in (0.5, 0.9, 0.95, 0.99, 0.999)
        )
        assert worst <= ERROR + 1e-9
        rows.append([name, len(sketch.packed()), worst * 100, seconds / len(values) * 1e6])
    heads = ["durations", "bytes", "worst error, %", "µs to add one"]
    table(f"Percentiles of {_VALUES:,} durations; at most {ERROR:.2%} off", heads, rows)


def _durations() -> dict[str, list[float]]:
    chance = random.Random(5)
    return {
        "of a Lambda": [chance.lognormvariate(3, 0.7) for _ in range(_VALUES)],
        "at the edge": [max(0.05, chance.lognormvariate(-0.5, 0.5)) for _ in range(_VALUES)],
        "5 ms or 2 s": [
            max(0.05, chance.gauss(5, 1) if chance.random() < 0.93 else chance.gauss(2000, 200))
            for _ in range(_VALUES)
        ],
    }


_START: Final = """
import time
started = time.perf_counter()
from lambdas.runner.sandbox import run
run("function handler() { return 1 }", "null", "null", 20_000)
print((time.perf_counter() - started) * 1000)
"""


def _running() -> None:
    """Here rather than above: the sandbox replaces a class of wasmtime in its process."""
    from lambdas.runner.sandbox import run as run_once

    started = subprocess.run(
        [sys.executable, "-c", _START], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rows: list[list[object]] = [["first run of a process, engine compiled", float(started.stdout)]]
    for folder in sorted((ROOT / "examples" / "functions").iterdir()):
        source = (folder / "function.js").read_text(encoding="utf-8")
        said = json.loads((folder / "function.json").read_text(encoding="utf-8"))
        example = said["examples"][0]
        given, context = json.dumps(example["input"]), json.dumps(example.get("context"))
        took = [run_once(source, given, context, 20_000).cpu_ms for _ in range(_RUNS)]
        rows.append([folder.name, statistics.median(took)])
    table("A run in the sandbox, in ms of CPU", ["", "ms"], rows)
