"""The deployed system as its users reach it: a site, creators signed in, an operator's shell."""

import io
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import botocore.session
import urllib3
from botocore.loaders import create_loader

from local.edge.server import LocalEdge
from operations.cli import main as cli
from tests.e2e.creator import Creator
from tests.e2e.operator import Said
from tests.e2e.player import Player
from tests.e2e.visitor import Visitor
from tests.system import System

Json = Any
_load_once = cache(create_loader)
"""Most of a command's time is the SDK's reading of what it knows of each service."""


@dataclass
class Clock:
    """The edge's own: a request that was made once is judged by the time of then."""

    stopped_at_ms: int | None = None

    def __call__(self) -> float:
        return time.time() if self.stopped_at_ms is None else self.stopped_at_ms / 1000

    @contextmanager
    def stopped(self, at_ms: int) -> Iterator[None]:
        self.stopped_at_ms = at_ms
        try:
            yield
        finally:
            self.stopped_at_ms = None


@dataclass(frozen=True)
class Site:
    system: System
    edge: LocalEdge
    clock: Clock

    def creator(self, email: str) -> Creator:
        return Creator(self.edge.url, self.system.cloud.issuer, email)

    def visitor(self, project_id: str, player_key: str | None = None) -> Visitor:
        visitor = Visitor(self.edge.url, project_id, player_key)
        reply = visitor.start()
        assert reply.status == 200, reply
        return visitor

    def player(self, known: Json, game: str) -> Player:
        return Player(self.edge.url, game, known["name"], known["key"])

    def send(self, request: Json) -> Json:
        """A request that was made once, sent again at the moment of then."""
        headers = {**request["headers"], "Origin": self.edge.url}
        # What the edge's store says is believed for half a second.
        self.edge.refresh()
        with self.clock.stopped(request["at"]), urllib3.PoolManager(retries=False) as pool:
            answer = pool.request(
                request["method"],
                f"{self.edge.url}{request['path']}",
                headers=headers,
                body=request["body"].encode() or None,
            )
        return {"status": answer.status, "body": json.loads(answer.data)}

    def htmlgame(self, *arguments: str, at_ms: int | None = None) -> Said:
        """One command, perhaps as it would be answered at that moment."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        then = time.time_ns if at_ms is None else lambda: at_ms * 1_000_000
        with (
            patch.dict(os.environ, self.system.cloud.credentials()),
            patch.object(sys, "stdout", out),
            patch.object(sys, "stderr", err),
            patch.object(time, "time_ns", then),
            patch.object(botocore.session, "create_loader", _load_once),
        ):
            code = cli.run(_as_json(arguments))
        return Said(code, *(_written(each) for each in (out, err)))

    def invoke(self, function: str, payload: Json) -> Json:
        answer = self.system.cloud.client("lambda").invoke(
            FunctionName=function, Payload=json.dumps(payload).encode()
        )
        return json.loads(answer["Payload"].read())

    def items(self, parameter: str) -> list[Json]:
        """Every item of the table whose name the parameter holds."""
        pages = self.system.cloud.client("dynamodb").get_paginator("scan")
        name = self.system.parameter(parameter)
        return [item for page in pages.paginate(TableName=name) for item in page["Items"]]


def _as_json(arguments: Sequence[str]) -> list[str]:
    """An id that may begin with a hyphen stands behind --, and no option does."""
    options = arguments.index("--") if "--" in arguments else len(arguments)
    return [*arguments[:options], "--json", *arguments[options:]]


def _written(stream: io.TextIOWrapper) -> str:
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode()


@contextmanager
def site_of(system: System) -> Iterator[Site]:
    clock = Clock()
    edge = LocalEdge(system.cloud, 0, clock=clock)
    edge.start()
    try:
        yield Site(system, edge, clock)
    finally:
        edge.stop()
