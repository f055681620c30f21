"""GET {API}/ranking/{gameId}/{period}"""

from collections.abc import Mapping
from typing import Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.scores.answers import cache_control, ranking
from lambdas.scores.games import Games, readable_period
from lambdas.scores.rules import in_order, visible
from lambdas.scores.settings import GetRankingSettings
from lambdas.scores.table import ScoreTable, board_key, logged
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.endpoint import Answer, endpoint
from lambdas.shared.http.errors import Malformed
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.requests import Request, limit_in
from lambdas.shared.keys.published import lock_reader

MOST_ITEMS: Final = 100

settings = GetRankingSettings.from_environment()
logger = Logger(service="get-ranking")
games = Games.packaged()
table = ScoreTable(
    boto3.client("dynamodb", config=CONFIG), settings.table_name, on_unreadable=logged(logger)
)


def _answer(request: Request) -> Answer:
    now_ms, path = request.now_ms, request.path
    game = games.named(path["gameId"])
    period = readable_period(game, path["period"], now_ms)
    limit = limit_in(request.query, most=MOST_ITEMS, usual=MOST_ITEMS)
    first = _first_rank(request.query, game.top_n)
    board = in_order(game.order, visible(table.rows(board_key(game.id, period.id))))
    return Answer(
        ranking(game, period, board, limit, first),
        cache_control(period, now_ms),
        log={"game": game.id, "period": period.id},
    )


def _first_rank(query: Mapping[str, str], top_n: int) -> int:
    """The rank to begin with. Few values are allowed, because each is cached by itself."""
    allowed = range(1, top_n + 1, MOST_ITEMS)
    text = query.get("from", "1")
    if text not in map(str, allowed):
        last = f", 101, 201 … up to {allowed[-1]}" if len(allowed) > 1 else ""
        raise Malformed("from", f"not 1{last}, where a page of this board begins")
    return int(text)


handler = endpoint(
    _answer,
    lock=origin_lock(lock_reader(settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(table,),
    reads_only=True,
)
