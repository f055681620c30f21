"""Scores: leaderboards, and the plays that the edge verifies before they cost anything."""

from dataclasses import field
from typing import Final

from config import names
from config.alarms import DAY, HOUR, Alarm, Filter
from config.manifest import (
    AppendOnly,
    BilledMetric,
    CachePolicy,
    Capability,
    EdgeFunction,
    Endpoint,
    Function,
    LogTable,
    Pattern,
    Rule,
    Sweep,
    Table,
)
from config.model import CapabilitySettings, model
from config.settings import Throttle
from config.units import EDGE_ONLY, GB, SUBMISSION_BYTES, TO_A_LAMBDA, Usage, store_reads
from lambdas.scores.ledger_table import InvalidationLedger, ThresholdLedger
from lambdas.scores.play_table import PLAY
from lambdas.scores.table import board_key
from lambdas.shared.records.audit import AUDIT

_STACK: Final = "score-api"

SUBMISSION_SHARE: Final = 0.2
RANKING_SHARE: Final = 0.3
OTHER_RANKING_SHARE: Final = 0.1
"""The most that a route's throttle lets run at once, of the account's concurrency."""


@model
class Scores(CapabilitySettings):
    """The throttles of scores' routes. All other requests have the environment's."""

    submissions: Throttle = field(default_factory=Throttle)
    """Of each lane. The edge gives every address one of 16 lanes a minute, so one attacker holds
    up a sixteenth of the players, for a minute each."""
    rankings: Throttle = field(default_factory=lambda: Throttle(requests_per_second=100, burst=200))
    """Of the rankings that pages usually ask for, where CloudFront has not cached them."""
    other_rankings: Throttle = field(
        default_factory=lambda: Throttle(requests_per_second=10, burst=20)
    )
    """Of each lane of all other rankings: past periods, further pages, other limits."""


ENDPOINT: Final = Endpoint(
    name=f"{names.PROJECT}-scores",
    parameter=names.parameter(_STACK, "api-endpoint"),
    origin=f"{names.PROJECT}-scores",
    cors_headers=(
        "x-token-start",
        "x-token-end",
        "x-score",
        "x-player",
        "x-sig",
        "x-user-key",
        "x-idem-key",
    ),
)
TABLE: Final = Table(
    id="ScoreTable",
    parameter=names.parameter(_STACK, "table-name"),
    audited=True,
    forgetter_may=(
        "DescribeTable",
        "BatchGetItem",
        "Query",
        "BatchWriteItem",
        "PutItem",
        "DeleteItem",
    ),
    forgetter_reaches=(board_key("*", "*"),),
    append_only=AppendOnly(partitions=(f"{AUDIT}*",)),
)
PARTITIONS: Final = (
    board_key("*", "*"),
    InvalidationLedger.partition,
    ThresholdLedger.partition,
    f"{PLAY}*",
)
"""What the functions may reach in the table. The audit is beside it, in other partitions."""
PUT_ARN: Final = names.parameter(_STACK, "lambda-put-arn")
GET_ARN: Final = names.parameter(_STACK, "lambda-get-arn")
TRIM_ARN: Final = names.parameter(_STACK, "lambda-trim-arn")

PUT_SCORE: Final = Function(
    id="PutScore",
    name=f"{names.PROJECT}-put-score",
    module="lambdas.scores.put_score",
    knows_games=True,
)
GET_RANKING: Final = Function(
    id="GetRanking",
    name=f"{names.PROJECT}-get-ranking",
    module="lambdas.scores.get_ranking",
    knows_games=True,
)
REFRESH_RANKING: Final = Function(
    id="RefreshRanking",
    name=f"{names.PROJECT}-refresh-ranking",
    module="lambdas.scores.refresh_ranking",
    # It waits for the end of a window.
    timeout_seconds=5 * 60 + 30,
    follows_forgetting=True,
)
TRIM_TOP: Final = Function(
    id="TrimTop",
    name=f"{names.PROJECT}-trim-top",
    module="lambdas.scores.trim_top",
    timeout_seconds=14 * 60,
    rules=(Rule(id="DailyTrim", schedule="cron(10 0 * * ? *)"),),
    knows_games=True,
    writes_edge_store=True,
    invokes_itself=True,
    follows_forgetting=True,
)

GET_START: Final = EdgeFunction(source="get_start", name=f"{names.PROJECT}-get-start")
GET_END: Final = EdgeFunction(source="get_end", name=f"{names.PROJECT}-get-end")
READ_RANKING: Final = EdgeFunction(source="read_ranking", name=f"{names.PROJECT}-read-ranking")
VALIDATE: Final = EdgeFunction(source="validate", name=f"{names.PROJECT}-validate")
RANKING_CACHE: Final = CachePolicy(
    id="RankingCache",
    name=f"{names.PROJECT}-ranking",
    comment="By path, limit and from: a player's cookie must not split the cache",
    query_strings=("limit", "from"),
    most_seconds=3600,
)

FULL_BOARD: Final = 100
"""Entries of a board at the default top N, with names of 24 letters and no meta."""
STANDING_BYTES: Final = 2_500
"""What a submission is answered for each board: its rank, its best and the top ten."""
RANKING_BYTES: Final = 8_000
"""A full board, compressed as CloudFront does it, headers included."""
QUERY_UNITS: Final = 2.5
"""Reading a full board, eventually consistent."""

START: Final = EDGE_ONLY + store_reads(2)
END: Final = EDGE_ONLY + store_reads(2)
"""While tokens of the previous key end, after a rotation, one read more."""

RANKING_CACHED: Final = store_reads(1) + Usage(
    {
        "cloudfront.requests": 1,
        "cloudfront.functions": 1,
        "cloudfront.transfer": RANKING_BYTES / GB,
    }
)
RANKING_FRESH: Final = RANKING_CACHED + TO_A_LAMBDA + Usage({"dynamodb.reads": QUERY_UNITS})

ACCEPTED: Final = Usage({"dynamodb.writes": 1})
"""On each board that accepts the score."""
EVICTED: Final = Usage({"dynamodb.writes": 2, "dynamodb.reads": 1})
"""On each full board that accepts a new player: the last row moves to the reserve."""
CLAIMED: Final = Usage({"dynamodb.writes": 1})
"""Once for each play that any board accepts."""
INVALIDATED: Final = Usage({"dynamodb.writes": 1, "cloudfront.paths": 1})
"""At most once a window and game."""
PUT_OFF: Final = Usage({"dynamodb.writes": 1})
"""At most once a window, game and instance: the claim of the invalidation at the window's end."""
PUBLISHED: Final = Usage({"dynamodb.writes": 1})
"""The claim of new thresholds, at most once a window and game."""


def submission(boards: int) -> Usage:
    """A submission that the edge forwards, whether or not a board accepts it."""
    return (
        EDGE_ONLY
        + store_reads(2 + boards)
        + TO_A_LAMBDA
        + Usage(
            {
                "cloudfront.upload": SUBMISSION_BYTES / GB,
                "cloudfront.transfer": STANDING_BYTES * boards / GB,
                "dynamodb.reads": QUERY_UNITS * boards,
            }
        )
    )


def refused(boards: int) -> dict[str, Usage]:
    """By the edge's reason. A reason that is checked later costs more reads."""
    return {
        "malformed": EDGE_ONLY,
        "bad_origin": EDGE_ONLY,
        "bad_token": EDGE_ONLY + store_reads(1),
        "bad_signature": EDGE_ONLY + store_reads(1 + boards),
        "bad_user_key": EDGE_ONLY + store_reads(1 + boards),
        "out_of_limits": EDGE_ONLY + store_reads(1 + boards),
        "below_threshold": EDGE_ONLY + store_reads(1 + boards),
        "banned": EDGE_ONLY + store_reads(2 + boards),
    }


BOARDS_GUESSED: Final = 2
"""Boards to a submission, as make cost guesses: no metric counts them at the edge."""


def _invocations(id: str, function: EdgeFunction, used: Usage) -> BilledMetric:
    reads = "cloudfront.store_reads"
    return BilledMetric(
        id=id,
        namespace="AWS/CloudFront",
        metric="FunctionInvocations",
        dimensions={"FunctionName": function.name, "Region": "Global"},
        prices=(("cloudfront.functions", 1.0), (reads, used[reads])),
        at="cloudfront",
    )


_TRIM_LOG: Final = (names.function_log_group(TRIM_TOP.name),)
_TRIM_FINISHED: Final = "TrimFinished"
_INVALIDATIONS_SPENT: Final = "InvalidationsSpent"

_TRIM_MISSED: Final = Alarm(
    name="trim-missed",
    means="The daily trim has not finished for 26 hours: thresholds at the edge are outdated.",
    first=f"aws lambda invoke --function-name {TRIM_TOP.name} /dev/stdout, and read its answer.",
    metric=_TRIM_FINISHED,
    filters=(
        Filter(metric=_TRIM_FINISHED, groups=_TRIM_LOG, pattern='{ $.message = "trim finished" }'),
    ),
    period=HOUR,
    threshold=1,
    fires="below",
    periods=26,
    of=26,
    missing="bad",
    fill=True,
    quiet_minutes=27 * 60,
)
_INVALIDATIONS: Final = Alarm(
    name="invalidations-spent",
    means="The month's invalidations are used up: cached rankings are up to ten minutes old.",
    first="do nothing, or raise invalidations_a_month; a path beyond 1,000 costs half a cent.",
    metric=_INVALIDATIONS_SPENT,
    filters=(
        Filter(
            metric=_INVALIDATIONS_SPENT,
            groups=(names.function_log_group(PUT_SCORE.name),),
            pattern='{ $.message = "invalidation budget spent" }',
        ),
    ),
    period=HOUR,
    threshold=1,
)
_KEY_AGE_DAYS: Final = "TokenKeyAgeDays"
_KEY_AGE: Final = Alarm(
    name="token-key-age",
    means="The key that signs plays is older than 40 days; a rotation is due after 30.",
    first="make rotate-keys, and read the log of htmlgame-rotate-keys for the reason.",
    metric=_KEY_AGE_DAYS,
    # The daily trim reads the keys and logs their age.
    filters=(
        Filter(
            metric=_KEY_AGE_DAYS,
            groups=_TRIM_LOG,
            pattern="{ $.key_age_days >= 0 }",
            value="$.key_age_days",
        ),
    ),
    statistic="Maximum",
    period=DAY,
    threshold=40,
    missing="ignored",
)

CAPABILITY: Final = Capability(
    name="scores",
    summary="Leaderboards.",
    own_stack="ScoreApiStack",
    settings=Scores,
    always=True,
    functions=(PUT_SCORE, GET_RANKING, REFRESH_RANKING, TRIM_TOP),
    edge_functions=(GET_START, GET_END, VALIDATE, READ_RANKING),
    cache_policies=(RANKING_CACHE,),
    tables=(TABLE,),
    endpoints=(ENDPOINT,),
    patterns=(
        Pattern(path="get-start", edge_function=GET_START.source),
        Pattern(path="get-end", edge_function=GET_END.source),
        Pattern(path="scores/*", writes=True, edge_function=VALIDATE.source),
        Pattern(
            path="ranking/*", cache_policy=RANKING_CACHE.name, edge_function=READ_RANKING.source
        ),
    ),
    parameters=(PUT_ARN, GET_ARN, TRIM_ARN),
    alarms=(_TRIM_MISSED, _KEY_AGE, _INVALIDATIONS),
    units={
        "start": START,
        "end": END,
        "submission": submission(1),
        "ranking, cached": RANKING_CACHED,
        "ranking, fresh": RANKING_FRESH,
    },
    log_tables=(
        LogTable(
            title="Scores submitted",
            function=PUT_SCORE.name,
            query=(
                "filter ispresent(game) and ispresent(accepted)",
                "stats count(*) as submissions by game",
                "sort submissions desc",
            ),
        ),
        LogTable(
            title="Rankings read past the cache",
            function=GET_RANKING.name,
            query=(
                "filter ispresent(game) and ispresent(period)",
                "stats count(*) as looks by game, period",
                "sort looks desc",
            ),
        ),
        LogTable(
            title="Scores refused by the origin, and why",
            function=PUT_SCORE.name,
            query=(
                "filter ispresent(refused)",
                "stats count(*) as refusals by refused",
                "sort refusals desc",
            ),
        ),
    ),
    billed=(
        _invocations("begun", GET_START, START),
        _invocations("ended", GET_END, END),
        _invocations("judged", VALIDATE, submission(BOARDS_GUESSED)),
        _invocations("looked", READ_RANKING, RANKING_CACHED),
    ),
    sweeps=(Sweep(table=TABLE.parameter, partitions=(board_key("*", "*"),)),),
)
