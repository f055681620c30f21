"""Invalidates a game's cached rankings at the end of a window in which scores arrived.

Put-score invokes it at most once a window and game, so it costs nothing while nobody plays. It
waits: a minute of its memory costs $0.0002, and no service that delays an event is cheaper.

With {"again": true} it waits for the end of one more window if the game had its turn in this one.
Changes since that turn would else stay cached.
"""

import time
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.scores.invalidation import RankingCache
from lambdas.scores.ledger_table import InvalidationLedger
from lambdas.scores.settings import RankingCacheSettings
from lambdas.shared.aws import PATIENT

_SKEW_MS: Final = 200
"""How far this clock and that of put-score may differ."""
_LONGEST_WAIT_MS: Final = 300_000

settings = RankingCacheSettings.from_environment()
logger = Logger(service="refresh-ranking")
rankings = RankingCache.of(
    InvalidationLedger(boto3.client("dynamodb", config=PATIENT), settings.table_name),
    lambda: boto3.client("cloudfront", config=PATIENT),
    settings,
)


def handler(event: dict[str, Any], _context: Any) -> dict[str, bool]:
    game_id = str(event["game"])
    _wait(int(event["at"]))
    invalidated = rankings.forget(game_id, _now_ms())
    if not invalidated and event.get("again"):
        _wait(rankings.next_turn_ms(game_id))
        invalidated = rankings.forget(game_id, _now_ms())
    logger.info("window ended", game=game_id, invalidated=invalidated)
    return {"invalidated": invalidated}


def _wait(at_ms: int) -> None:
    wait_ms = at_ms + _SKEW_MS - _now_ms()
    time.sleep(min(max(wait_ms, 0), _LONGEST_WAIT_MS) / 1000)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
