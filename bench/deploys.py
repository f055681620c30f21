"""Seconds of synth and local deploys, and the billed units of each route."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.report import table
from config.capabilities import scores as scores_manifest
from config.manifest import Function
from config.names import function_log_group
from lambdas.scores.table import ScoreTable, board_key
from local.bootstrap import ROOT
from local.cloud import Cloud, running_cloud
from local.deploy import Deployment
from local.dynamodb.billing import query_units
from local.edge.server import LocalEdge
from local.scores.boards import fill
from local.scores.origin import ScoreOrigin
from tests.e2e.player import Player


def run() -> None:
    with tempfile.TemporaryDirectory() as folder, running_cloud(Path(folder)) as cloud:
        _times(cloud, Path(folder))
        _units(cloud)
        _refusals(cloud)


def _times(cloud: Cloud, folder: Path) -> None:
    deployment = Deployment(cloud)
    synth = [sys.executable, "app.py"]
    context = {"CDK_OUTDIR": str(folder / "synth"), "CDK_CONTEXT_JSON": '{"environment":"local"}'}
    environment = os.environ | context
    seconds = {
        "synth": _timed(lambda: subprocess.run(synth, cwd=ROOT, env=environment, check=True)),
        "first deploy, bootstrap included": _timed(deployment.bring_up_to_date),
        "nothing changed": _timed(deployment.bring_up_to_date),
        "one function's code changed": _timed(
            lambda: deployment.swap_code(scores_manifest.GET_RANKING)
        ),
        "cdk deploy with nothing changed": _timed(deployment.deploy_everything),
    }
    base = seconds["synth"]
    table(
        "Synth and local deploys, on this machine",
        ["what", "ratio to synth", "seconds"],
        [(name, cost / base, cost) for name, cost in seconds.items()],
    )


def _timed(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def _units(cloud: Cloud) -> None:
    origin = ScoreOrigin(cloud)
    name = cloud.client("ssm").get_parameter(Name=scores_manifest.TABLE.parameter)["Parameter"][
        "Value"
    ]
    scores = ScoreTable(cloud.client("dynamodb"), name)
    key = board_key("minesweeper", "all")
    fill(scores, key, 100)
    full = query_units(cloud.client("dynamodb"), name, key)

    def play(time_ms: int, name: str) -> Callable[[], object]:
        user_id = name.ljust(22, "_")
        return lambda: origin.submit(
            "minesweeper", "all", user_id, score=1, time_ms=time_ms, play=name
        )

    calls = {
        "ranking of a full board": (
            scores_manifest.GET_RANKING,
            lambda: origin.ranking("minesweeper", "all"),
        ),
        "submission, the first in its window": (scores_manifest.PUT_SCORE, play(90_000, "first")),
        "submission, accepted": (scores_manifest.PUT_SCORE, play(80_000, "second")),
        "submission, repeated": (scores_manifest.PUT_SCORE, play(80_000, "second")),
        "submission, not good enough": (scores_manifest.PUT_SCORE, play(900_000, "slow")),
    }
    table(
        f"Request units a route, on a board of 100 that reads at {full} RRU",
        ["call", "Queries", "WRU"],
        [(name, *_billed(cloud, *call)) for name, call in calls.items()],
    )


def _billed(cloud: Cloud, function: Function, call: Callable[[], object]) -> tuple[float, float]:
    call()
    group = function_log_group(function.name)
    pages = cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    lines = [event["message"] for page in pages for event in page["events"]]
    last = json.loads(next(line for line in reversed(lines) if line.startswith("{")))
    # The emulator counts half a unit for a Query of any size.
    return last["rru"] * 2, float(last.get("wru", 0))


def _refusals(cloud: Cloud) -> None:
    edge = LocalEdge(cloud, 0)
    edge.start()
    try:
        player = Player(edge.url)
        player.start()
        player.end()
        before = edge.origin_requests
        forged = [player.submit(1, change={"X-Score": str(score)}) for score in range(2, 1002)]
        assert all(reply.status in {401, 422} for reply in forged)
        reached = edge.origin_requests - before
    finally:
        edge.stop()
    table(
        "At the edge",
        ["what", "count"],
        [("refused submissions", len(forged)), ("origin requests they made", reached)],
    )
