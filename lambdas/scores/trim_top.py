"""Daily: every board back to its top N, and the edge told what it takes to enter.

Runs on in a fresh invocation when time is short.
"""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.scores.games import Games
from lambdas.scores.periods import period_named
from lambdas.scores.settings import TrimTopSettings
from lambdas.scores.table import ScoreTable
from lambdas.scores.thresholds import Threshold, published
from lambdas.scores.trimming import Trimmed, due_boards, trim_boards
from lambdas.shared.aws import PATIENT
from lambdas.shared.edge_store import EdgeStore
from lambdas.shared.parameters import read_parameter

_RESERVE_MS: Final = 60_000
"""One page of a huge board takes seconds; this is many of them."""

settings = TrimTopSettings.from_environment()
logger = Logger(service="trim-top")
games = Games.packaged()
table = ScoreTable(boto3.client("dynamodb", config=PATIENT), settings.table_name)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    now_ms = time.time_ns() // 1_000_000
    boards = event.get("boards") or [
        [game_id, period.id] for game_id, period in due_boards(games, now_ms)
    ]
    reports: list[dict[str, Any]] = []
    thresholds: list[Threshold] = []

    def report(game_id: str, period_id: str, trimmed: Trimmed) -> None:
        line = _line(game_id, period_id, trimmed)
        logger.info("trimmed", **line)
        reports.append(line)
        thresholds.extend(_threshold(game_id, period_id, trimmed, now_ms))

    left = trim_boards(
        table, games, boards, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS, report
    )
    if left:
        _run_on(left)
    return {"boards": reports, "left": left, "thresholds": _publish(thresholds, now_ms)}


def _threshold(game_id: str, period_id: str, trimmed: Trimmed, now_ms: int) -> Iterator[Threshold]:
    game = games.named(game_id)
    period = period_named(period_id, game.timezone)
    if trimmed.finished and period is not None and period.contains(now_ms):
        yield Threshold(game, period, trimmed.last)


def _publish(thresholds: list[Threshold], now_ms: int) -> list[str]:
    """Without an edge there is nobody to tell."""
    try:
        arn = read_parameter(settings.edge_store_parameter)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        return []
    store = EdgeStore(boto3.client("cloudfront-keyvaluestore", config=PATIENT), arn)
    changes = store.change(lambda values: published(values, thresholds, now_ms))
    return sorted(changes.puts)


def _line(game_id: str, period_id: str, trimmed: Trimmed) -> dict[str, Any]:
    return {
        "game": game_id,
        "period": period_id,
        "rows": trimmed.rows,
        "deleted": trimmed.deleted,
        "reranked": trimmed.reranked,
        "finished": trimmed.finished,
    }


def _run_on(boards: list[list[str]]) -> None:
    boto3.client("lambda", config=PATIENT).invoke(
        FunctionName=settings.function_name,
        InvocationType="Event",
        Payload=json.dumps({"boards": boards}).encode(),
    )
