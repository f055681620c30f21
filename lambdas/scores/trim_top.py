"""Daily: every board back to its top N. Runs on in a fresh invocation when time is short."""

import json
import time
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.scores.games import Games
from lambdas.scores.settings import TrimTopSettings
from lambdas.scores.table import ScoreTable
from lambdas.scores.trimming import Trimmed, due_boards, trim_boards
from lambdas.shared.aws import CONFIG

_RESERVE_MS: Final = 60_000
"""One page of a huge board takes seconds; this is many of them."""

settings = TrimTopSettings.from_environment()
logger = Logger(service="trim-top")
games = Games.packaged()
table = ScoreTable(boto3.client("dynamodb", config=CONFIG), settings.table_name)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    now_ms = time.time_ns() // 1_000_000
    boards = event.get("boards") or [
        [game_id, period.id] for game_id, period in due_boards(games, now_ms)
    ]
    reports: list[dict[str, Any]] = []

    def report(game_id: str, period_id: str, trimmed: Trimmed) -> None:
        line = _line(game_id, period_id, trimmed)
        logger.info("trimmed", **line)
        reports.append(line)

    left = trim_boards(
        table, games, boards, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS, report
    )
    if left:
        _run_on(left)
    return {"boards": reports, "left": left}


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
    boto3.client("lambda", config=CONFIG).invoke(
        FunctionName=settings.function_name,
        InvocationType="Event",
        Payload=json.dumps({"boards": boards}).encode(),
    )
