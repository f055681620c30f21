"""CPU per warm request with a stubbed table, compared to a plain handler for the same work."""

import json
import subprocess
from pathlib import Path

from bench import handlers
from bench.report import table
from config.capabilities import scores

_PROBE = Path(__file__).with_name("warm_probe.py")


def run() -> None:
    rows = []
    for function in (scores.PUT_SCORE, scores.GET_RANKING):
        paths = (handlers.package(function), handlers.layer())
        probed = subprocess.run(
            handlers.command(_PROBE.read_text()),
            env=handlers.environment(*paths, function=function) | {"MODULE": function.module},
            check=True,
            capture_output=True,
            text=True,
        )
        cost = json.loads(probed.stdout.splitlines()[-1])
        rows.append(
            (
                function.name,
                cost["handler"] / cost["plain"],
                (cost["logging"] - cost["handler"]) / cost["plain"],
                f"{cost['handler'] * 1e6:.0f}",
                f"{cost['plain'] * 1e6:.0f}",
            )
        )
    table(
        "Warm request, CPU against a plain handler (the log line aside)",
        ["function", "ratio", "its log line", "µs", "plain µs"],
        rows,
    )
