"""PUT {API}/scores/{gameId}/{period}/{userId}"""

import json
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.scores.answers import submitted
from lambdas.scores.boards import submit
from lambdas.scores.freshness import FreshThresholds
from lambdas.scores.games import Games
from lambdas.scores.invalidation import TOO_MANY, RankingCache
from lambdas.scores.ledger_table import InvalidationLedger, ThresholdLedger
from lambdas.scores.settings import PutScoreSettings
from lambdas.scores.submission import read_submission
from lambdas.scores.table import ScoreTable, logged
from lambdas.shared.aws import CONFIG, ONCE
from lambdas.shared.http.endpoint import Answer, endpoint
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.published import lock_reader

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_lambda import LambdaClient

settings = PutScoreSettings.from_environment()
logger = Logger(service="put-score")
games = Games.packaged()
client: "DynamoDBClient" = boto3.client("dynamodb", config=CONFIG)
table = ScoreTable(client, settings.table_name, on_unreadable=logged(logger))


@cache
def _cloudfront() -> "CloudFrontClient":
    client: CloudFrontClient = boto3.client("cloudfront", config=ONCE)
    return client


@cache
def _lambda() -> "LambdaClient":
    client: LambdaClient = boto3.client("lambda", config=ONCE)
    return client


def _invoke(function: str, event: dict[str, Any]) -> None:
    """Does not wait for the function."""
    _lambda().invoke(
        FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode()
    )


ledger = InvalidationLedger(client, settings.table_name)
rankings = RankingCache.of(
    ledger,
    _cloudfront,
    settings,
    on_budget_spent=partial(logger.warning, "invalidation budget spent"),
    later=lambda game_id, at_ms: _invoke(settings.refresh_function, {"game": game_id, "at": at_ms}),
)
threshold_ledger = ThresholdLedger(client, settings.table_name)
thresholds = FreshThresholds(
    threshold_ledger,
    lambda boards: _invoke(settings.trim_function, {"boards": boards}),
    window_ms=settings.threshold_window_seconds * 1000,
    budget=settings.thresholds_a_month,
    on_budget_spent=partial(logger.info, "threshold budget spent"),
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
    changed = any(outcome.changed_ranking for outcome in outcomes)
    body, spent_before = submitted(outcomes), ledger.spent.writes
    log = {
        "game": game.id,
        "periods": list(body["results"]),
        "accepted": body["accepted"],
        "invalidated": changed and _tried(game.id, lambda: rankings.forget(game.id, now_ms)),
    }
    published = changed and _tried(game.id, lambda: thresholds.follow(game, outcomes, now_ms))
    # All tables count together while a request is answered.
    followed = {"published": published, "ledger_wru": ledger.spent.writes - spent_before}
    # Few requests pay for a ledger, and every byte of a log line is billed.
    return Answer(body, log={**log, **{name: each for name, each in followed.items() if each}})


def _tried(game_id: str, follow_up: Callable[[], bool]) -> bool:
    """A failure is logged, not answered: the score is stored."""
    try:
        return follow_up()
    except Exception as failure:
        if isinstance(failure, ClientError) and failure.response["Error"]["Code"] == TOO_MANY:
            logger.warning("too many invalidations in progress", game=game_id)
        else:
            logger.exception("ranking or threshold not refreshed", game=game_id)
        return False


handler = endpoint(
    _answer,
    lock=origin_lock(lock_reader(settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(table, ledger, threshold_ledger),
)
