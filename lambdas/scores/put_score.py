"""PUT {API}/scores/{gameId}/{period}/{userId}"""

from functools import cache, partial
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.scores.answers import submitted
from lambdas.scores.boards import submit
from lambdas.scores.games import Games
from lambdas.scores.invalidation import TOO_MANY, RankingCache
from lambdas.scores.ledger_table import InvalidationLedger
from lambdas.scores.settings import PutScoreSettings
from lambdas.scores.submission import read_submission
from lambdas.scores.table import ScoreTable, logged
from lambdas.shared.aws import CONFIG, ONCE
from lambdas.shared.http.endpoint import Answer, endpoint
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.parameters import read_parameter

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient
    from types_boto3_dynamodb import DynamoDBClient

settings = PutScoreSettings.from_environment()
logger = Logger(service="put-score")
games = Games.packaged()
client: "DynamoDBClient" = boto3.client("dynamodb", config=CONFIG)
table = ScoreTable(client, settings.table_name, on_unreadable=logged(logger))


@cache
def _cloudfront() -> "CloudFrontClient":
    client: CloudFrontClient = boto3.client("cloudfront", config=ONCE)
    return client


ledger = InvalidationLedger(client, settings.table_name)
rankings = RankingCache(
    ledger,
    _cloudfront,
    distribution_id=settings.distribution_id,
    ranking_path=settings.ranking_path,
    window_ms=settings.invalidation_window_seconds * 1000,
    budget=settings.invalidations_a_month,
    on_budget_spent=partial(logger.warning, "invalidation budget spent"),
)


def _answer(request: Request) -> Answer:
    now_ms, path = request.now_ms, request.path
    game = games.named(path["gameId"])
    submission = read_submission(
        game,
        period=path["period"],
        user_id=path["userId"],
        headers=request.headers,
        body=request.body,
        now_ms=now_ms,
    )
    outcomes = submit(table, submission)
    invalidated = any(outcome.changed_ranking for outcome in outcomes) and _forget(game.id, now_ms)
    body = submitted(outcomes)
    log = {
        "game": game.id,
        "periods": list(body["results"]),
        "accepted": body["accepted"],
        "invalidated": invalidated,
    }
    return Answer(body, log=log)


def _forget(game_id: str, now_ms: int) -> bool:
    """A failure is logged, not answered: the score is stored."""
    try:
        return rankings.forget(game_id, now_ms)
    except Exception as failure:
        if isinstance(failure, ClientError) and failure.response["Error"]["Code"] == TOO_MANY:
            logger.warning("too many invalidations in progress", game=game_id)
        else:
            logger.exception("ranking not invalidated", game=game_id)
        return False


handler = endpoint(
    _answer,
    lock=origin_lock(partial(read_parameter, settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(table, ledger),
)
