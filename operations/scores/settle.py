"""Trims changed boards, updates their thresholds and invalidates their cached rankings."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from config import names
from config.capabilities import scores as scores_manifest
from config.paths import API_BASE_PATH
from lambdas.scores.invalidation import RankingCache
from lambdas.scores.routes import ROUTES
from operations.cli.invoke import invoke
from operations.cli.output import Json
from operations.cli.session import Session
from operations.errors import FunctionFailed, NotDeployed
from operations.scores.boards import Board
from operations.scores.scores import Scores

_CLOCK_SKEW_MS: Final = 60_000


def settled(session: Session, boards: Sequence[Board], change: Callable[[], Json]) -> Json:
    """Runs the change and then settles the boards, even if the change fails half-way."""
    try:
        result = change()
    except BaseException:
        settle(session, boards)
        raise
    return result | settle(session, boards)


def settle(session: Session, boards: Sequence[Board]) -> Json:
    """Never fails: what cannot follow now is reported, and the next trim makes up for it."""
    result: Json = {}
    if not boards:
        return result
    try:
        result["thresholds"] = len(trim(session, boards)["thresholds"])
    except (FunctionFailed, BotoCoreError, ClientError) as failure:
        session.output.warn(f"thresholds may be out of date until the next trim: {failure}")
    result["invalidated"] = _invalidated(session, {board.game.id for board in boards})
    return result


def trim(session: Session, boards: Iterable[Board]) -> Json:
    payload = {"boards": [[board.game.id, board.period.id] for board in boards]}
    return invoke(session, scores_manifest.TRIM_TOP.name, payload, doing="trimming")


def _invalidated(session: Session, game_ids: set[str]) -> bool:
    try:
        if all(_invalidate(session, game_id) for game_id in sorted(game_ids)):
            return True
        why = "this month's invalidations are spent"
    except (NotDeployed, BotoCoreError, ClientError) as failure:
        why = str(failure)
    session.output.warn(f"cached rankings may be ten minutes old: {why}")
    return False


def _invalidate(session: Session, game_id: str) -> bool:
    """At once, without the players' window, but within the month's budget."""
    rankings = RankingCache(
        session.own(Scores).ledger,
        lambda: session.target.shared("cloudfront"),
        distribution_id=session.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK),
        ranking_path=ROUTES.path("get_ranking", API_BASE_PATH).partition("/{")[0],
        # A turn that a clock ahead of this one has just taken must not block this one.
        window_ms=-_CLOCK_SKEW_MS,
        budget=session.target.environment.invalidations_a_month,
    )
    return rankings.forget(game_id, time.time_ns() // 1_000_000)
