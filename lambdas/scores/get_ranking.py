"""GET {API}/ranking/{gameId}/{period}"""

from functools import partial
from typing import Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.scores.answers import cache_control, ranking
from lambdas.scores.games import Games, resolve_period
from lambdas.scores.rules import in_order, visible
from lambdas.scores.settings import GetRankingSettings
from lambdas.scores.table import ScoreTable, board_key, logged
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.endpoint import Answer, endpoint
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.requests import Request, limit_in
from lambdas.shared.keys.parameters import read_parameter

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
    period = resolve_period(game, path["period"], now_ms)
    limit = limit_in(request.query, most=MOST_ITEMS, usual=MOST_ITEMS)
    board = in_order(game.order, visible(table.rows(board_key(game.id, period.id))))
    return Answer(
        ranking(game, period, board, limit),
        cache_control(period, now_ms),
        log={"game": game.id, "period": period.id},
    )


handler = endpoint(
    _answer,
    lock=origin_lock(partial(read_parameter, settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(table,),
    reads_only=True,
)
