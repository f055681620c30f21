"""What follows a change of boards: their size and thresholds, and the rankings in the cache."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config import names, paths
from lambdas.scores.invalidation import RankingCache
from operations.cli.output import Json
from operations.cli.session import Session
from operations.errors import FunctionFailed, NotDeployed
from operations.scores.boards import Board

_AS_LONG_AS_IT_TAKES: Final = Config(
    connect_timeout=5, read_timeout=900, retries={"total_max_attempts": 1}
)
"""A trim's fourteen minutes; a second try would be a second trim."""
_CLOCK_SKEW_MS: Final = 60_000


def settled(session: Session, boards: Sequence[Board], change: Callable[[], Json]) -> Json:
    """What `change` did has its consequences even where it broke in the middle."""
    try:
        result = change()
    except BaseException:
        settle(session, boards)
        raise
    return result | settle(session, boards)


def settle(session: Session, boards: Sequence[Board]) -> Json:
    """Never fails what was done already: what could not follow is told, and heals by itself."""
    result: Json = {}
    if not boards:
        return result
    try:
        result["thresholds"] = len(trim(session, boards)["thresholds"])
    except (FunctionFailed, BotoCoreError, ClientError) as failure:
        session.output.warn(f"thresholds may be those of before until the next trim: {failure}")
    result["invalidated"] = _forgotten(session, {board.game.id for board in boards})
    return result


def trim(session: Session, boards: Iterable[Board]) -> Json:
    payload = {"boards": [[board.game.id, board.period.id] for board in boards]}
    return invoke(session, names.TRIM_TOP, payload, doing="trimming")


def invoke(session: Session, function: str, payload: Json, *, doing: str) -> Json:
    client = session.target.client("lambda", _AS_LONG_AS_IT_TAKES)
    try:
        with session.output.waiting(doing):
            answer = client.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
            content = json.loads(answer["Payload"].read())
    finally:
        client.close()
    if "FunctionError" in answer:
        raise FunctionFailed(function, content.get("errorMessage", "see its log"))
    return content


def _forgotten(session: Session, game_ids: set[str]) -> bool:
    try:
        if all(forget(session, game_id) for game_id in sorted(game_ids)):
            return True
        why = "this month's invalidations are spent"
    except (NotDeployed, BotoCoreError, ClientError) as failure:
        why = str(failure)
    session.output.warn(f"cached rankings may be ten minutes old: {why}")
    return False


def forget(session: Session, game_id: str) -> bool:
    """At once, whatever the players' window, but out of the same month's budget."""
    rankings = RankingCache(
        session.ledger,
        lambda: session.target.shared("cloudfront"),
        distribution_id=session.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK),
        ranking_path=paths.RANKINGS,
        # A turn taken just now, by a clock that is ahead of this one, is no reason to wait.
        window_ms=-_CLOCK_SKEW_MS,
        budget=session.target.environment.invalidations_a_month,
    )
    return rankings.forget(game_id, time.time_ns() // 1_000_000)
