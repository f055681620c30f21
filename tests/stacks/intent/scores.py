"""ScoreApiStack: leaderboards."""

from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import (
    DISTRIBUTION,
    DISTRIBUTION_ID,
    LOCK,
    Api,
    Function,
    Route,
    Row,
    Table,
    allow,
    check_the_lock,
    function,
    libraries,
    parameter,
    published,
)

STACK: Final = "ScoreApiStack"
_ITEMS: Final = (
    "{ScoreTable.Arn} if ForAllValues:StringLike "
    "dynamodb:LeadingKeys=G#*#P#* or INVALIDATIONS or THRESHOLDS or PLAY#*"
)
"""Boards, the count of invalidations and claims of plays: no record of the audit."""
_CHANGES_BOARDS: Final = (
    "dynamodb:Query dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem"
)
EDGE_STORE_ARN: Final = "/htmlgame/edge-stack/kvs-arn"


def rows(environment: Environment) -> Iterator[Row]:
    functions = (
        _put_score(environment),
        _get_ranking(),
        _refresh_ranking(environment),
        _trim_top(),
    )
    for part in (_table(), *functions, _api(environment)):
        yield from part.rows(STACK, environment)
    yield from libraries(STACK, signing=True)
    yield from published(
        {
            "/htmlgame/score-api/api-endpoint": "{Api.ApiEndpoint}/prod",
            "/htmlgame/score-api/table-name": "{ScoreTable}",
            "/htmlgame/score-api/lambda-put-arn": function("put-score"),
            "/htmlgame/score-api/lambda-get-arn": function("get-ranking"),
            "/htmlgame/score-api/lambda-trim-arn": function("trim-top"),
        }
    )


def _table() -> Table:
    """Claims of plays, reserves of boards and the month's ledgers expire."""
    return Table(id="ScoreTable", append_only="AUDIT#*")


def _put_score(environment: Environment) -> Function:
    return Function(
        id="PutScore",
        name="put-score",
        module="scores.put_score",
        may=[
            # reads the board, claims the play, writes the row, moves what fell off to the reserve
            *allow(_CHANGES_BOARDS, _ITEMS),
            *check_the_lock(),
            *allow("cloudfront:CreateInvalidation", DISTRIBUTION),
            # later: an invalidation at its window's end, and new thresholds
            *allow("lambda:InvokeFunction", function("refresh-ranking"), function("trim-top")),
        ],
        settings={
            **_ranking_cache(environment),
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "REFRESH_FUNCTION": "htmlgame-refresh-ranking",
            "TRIM_FUNCTION": "htmlgame-trim-top",
            "THRESHOLD_WINDOW_SECONDS": "600",
            "THRESHOLDS_A_MONTH": "100",  # thirty cents
        },
    )


def _ranking_cache(environment: Environment) -> dict[str, str]:
    return {
        "TABLE_NAME": "{ScoreTable}",
        "DISTRIBUTION_ID": DISTRIBUTION_ID,
        "RANKING_PATH": "/api/ranking",
        "INVALIDATION_WINDOW_SECONDS": "2" if environment.local else "60",
        "INVALIDATIONS_A_MONTH": "1000",  # as many as are free
    }


def _refresh_ranking(environment: Environment) -> Function:
    return Function(
        id="RefreshRanking",
        name="refresh-ranking",
        module="scores.refresh_ranking",
        may=[
            *allow(
                "dynamodb:UpdateItem",
                "{ScoreTable.Arn} if ForAllValues:StringLike dynamodb:LeadingKeys=INVALIDATIONS",
            ),
            *allow("cloudfront:CreateInvalidation", DISTRIBUTION),
        ],
        settings=_ranking_cache(environment),
        timeout=330,
    )


def _get_ranking() -> Function:
    return Function(
        id="GetRanking",
        name="get-ranking",
        module="scores.get_ranking",
        may=[
            *allow("dynamodb:Query", _ITEMS),
            *check_the_lock(),
        ],
        settings={"TABLE_NAME": "{ScoreTable}", "ORIGIN_LOCK_PARAMETER": LOCK},
    )


def _trim_top() -> Function:
    """EdgeStack grants it the store, since without that stack there is none."""
    return Function(
        id="TrimTop",
        name="trim-top",
        module="scores.trim_top",
        may=[
            *allow(_CHANGES_BOARDS, _ITEMS),
            *allow("ssm:GetParameter", parameter(EDGE_STORE_ARN)),
        ],
        settings={
            "TABLE_NAME": "{ScoreTable}",
            "FUNCTION_NAME": "htmlgame-trim-top",
            "EDGE_STORE_PARAMETER": EDGE_STORE_ARN,
        },
        timeout=14 * 60,
        signing=True,
        invokes_itself=True,
        schedules={"DailyTrim": "cron(10 0 * * ? *)"},  # soon after a day ends in UTC
    )


def _api(environment: Environment) -> Api:
    return Api(
        name="scores",
        a_second=20,
        burst=40,
        routes=[
            Route(route="PUT /api/scores/{gameId}/{period}/{userId}", function="put-score"),
            *(
                Route(
                    route=f"PUT /api/scores-{lane}/{{gameId}}/{{period}}/{{userId}}",
                    function="put-score",
                    throttle=(20, 2 if environment.small else 40),
                )
                for lane in range(16)
            ),
            Route(
                route="GET /api/ranking/{gameId}/{period}",
                function="get-ranking",
                throttle=(50, 3) if environment.small else (100, 200),
            ),
        ],
        cors=_CORS if environment.local else None,
    )


_CORS: Final = {
    "AllowOrigins": ["http://localhost:8000", "http://127.0.0.1:8000"],
    "AllowMethods": ["GET", "PUT"],
    "AllowHeaders": [
        "content-type",
        "x-token-start",
        "x-token-end",
        "x-score",
        "x-player",
        "x-sig",
        "x-user-key",
        "x-idem-key",
    ],
    "MaxAge": 3600,
}
"""The site's own pages need none, and on AWS no other site is configured."""
