"""Runs inside a function's package: its handler, and a plain one that does the same work."""

import importlib
import json
import logging
import os
import sys
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

from lambdas.scores.rules import Entry, rank_key
from lambdas.shared.http import origin_lock

ROUNDS, TIMES = 7, 300
ORDER = (("score", "desc"), ("timeMs", "asc"))
BOARD = [
    Entry(
        user_id=f"{number:022d}",
        user_name="twelve chars",
        score=900 - number,
        time_ms=100_000,
        updated_at="2026-11-21T12:00:00.000Z",
        rk=rank_key(ORDER, score=900 - number, time_ms=100_000, updated_at_ms=number),
        play="0123456789ab.012345",
    )
    for number in range(100)
]
EVENT = {
    "routeKey": "GET /x",
    "headers": {
        "x-origin-verify": "secret",
        "x-score": "5",
        "x-player": "Ann",
        "x-play-ms": "60000",
        "x-play-id": "sid.1",
    },
    "pathParameters": {"gameId": "snake", "period": "all", "userId": "x" * 22},
    "body": '{"meta":{"level":3}}',
}


class Context:
    aws_request_id = "request"


def ranked(entries: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "rank": rank,
            "userId": entry.user_id,
            "userName": entry.user_name,
            "score": entry.score,
            "timeMs": entry.time_ms,
            "updatedAt": entry.updated_at,
        }
        for rank, entry in enumerate(entries, 1)
    ]


def plain_get(event: dict[str, Any]) -> dict[str, Any]:
    if event["headers"].get("x-origin-verify") != "secret":
        return {"statusCode": 403}
    items = ranked(sorted(BOARD, key=lambda entry: entry.rk))
    body = {"gameId": event["pathParameters"]["gameId"], "items": items}
    return {"statusCode": 200, "body": json.dumps(body)}


def plain_put(event: dict[str, Any]) -> dict[str, Any]:
    headers = event["headers"]
    if headers.get("x-origin-verify") != "secret":
        return {"statusCode": 403}
    score, time_ms = int(headers["x-score"]), int(headers["x-play-ms"])
    name = urllib.parse.unquote(headers["x-player"])
    meta = json.loads(event["body"])["meta"]
    board = sorted(BOARD, key=lambda entry: entry.rk)
    own = next((entry for entry in board if entry.user_id == event["pathParameters"]["userId"]), 0)
    accepted = not own and (-score, time_ms) < (-board[-1].score, board[-1].time_ms)
    result = {"accepted": accepted, "top": ranked(board[:10])}
    body = {"accepted": accepted, "results": {"all": result}, "for": [name, len(meta)]}
    return {"statusCode": 200, "body": json.dumps(body)}


def cheapest(call: Callable[[], object]) -> float:
    """The least of several rounds, which other programs disturbed least."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(TIMES):
            call()
        rounds.append((time.process_time() - started) / TIMES)
    return min(rounds)


def main() -> None:
    module = importlib.import_module(os.environ["MODULE"])
    origin_lock.OriginLock.check = lambda *_: None  # type: ignore[method-assign]
    module.table.rows = lambda *_, **__: sorted(BOARD, key=lambda entry: entry.rk)
    plain = plain_put if module.__name__.endswith("put_score") else plain_get
    silent = open(os.devnull, "w")  # noqa: PTH123, SIM115 - open as long as the process
    for handler in module.logger.handlers:
        handler.setStream(silent)
    logging_cost = cheapest(lambda: module.handler(EVENT, Context()))
    module.logger.setLevel(logging.CRITICAL)
    cost = {
        "plain": cheapest(lambda: plain(EVENT)),
        "handler": cheapest(lambda: module.handler(EVENT, Context())),
        "logging": logging_cost,
    }
    assert module.handler(EVENT, Context())["statusCode"] == 200
    sys.stdout.write(json.dumps(cost) + "\n")


main()
