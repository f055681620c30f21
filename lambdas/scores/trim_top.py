"""Daily: trims every board to its top N, and publishes to the edge what a play must beat.

Continues in a new invocation when time is short.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.scores.edge_needs import lacking
from lambdas.scores.games import Games
from lambdas.scores.periods import period_named
from lambdas.scores.settings import TrimTopSettings
from lambdas.scores.table import ScoreTable
from lambdas.scores.thresholds import Threshold, published
from lambdas.scores.trimming import Reports, Trimmed, due_boards, trim_boards
from lambdas.shared.aws import PATIENT
from lambdas.shared.edge_store import CURRENT_KEY, Changes, EdgeStore
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.keys.signing_keys import made_at

_RESERVE_MS: Final = 60_000
"""One page of a huge board takes a few seconds."""

settings = TrimTopSettings.from_environment()
logger = Logger(service="trim-top")
games = Games.packaged()
table = ScoreTable(boto3.client("dynamodb", config=PATIENT), settings.table_name)


class TrimFailed(Exception):
    """Makes the invocation fail, so that an alarm notices."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(f"boards with problems: {'; '.join(problems)}")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    now_ms = time.time_ns() // 1_000_000
    boards = event.get("boards") or [
        [game_id, period.id] for game_id, period in due_boards(games, now_ms)
    ]
    # A run that an operator asked for does not count as the nightly one.
    nightly = not event.get("boards") or event.get("nightly", False)
    run = _Run(now_ms)
    left = trim_boards(
        table,
        games,
        boards,
        lambda: context.get_remaining_time_in_millis() > _RESERVE_MS,
        Reports(run.trimmed, run.failed),
    )
    if left:
        _run_on(left, nightly=nightly)
    store = _publish(run.thresholds, now_ms)
    # Only the last run reports them: Lambda repeats a run that fails, and all that follow it.
    broken = run.broken + ([] if left else store.broken())
    if broken:
        raise TrimFailed(broken)
    if nightly and not left:
        logger.info("trim finished", boards=len(run.lines), **store.key_age(now_ms))
    return {"boards": run.lines, "left": left, "thresholds": store.written}


class _Run:
    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self.lines: list[dict[str, Any]] = []
        self.thresholds: list[Threshold] = []
        self.broken: list[str] = []

    def trimmed(self, game_id: str, period_id: str, trimmed: Trimmed) -> None:
        line = _line(game_id, period_id, trimmed)
        logger.info("trimmed", **line)
        self.lines.append(line)
        self.thresholds.extend(_threshold(game_id, period_id, trimmed, self._now_ms))
        if trimmed.unreadable:
            logger.error("unreadable rows", problems=trimmed.problems, **line)
            named = ", ".join(trimmed.problems)
            self.broken.append(
                f"{game_id}/{period_id}: unreadable {named}, {trimmed.unreadable} in all"
            )

    def failed(self, game_id: str, period_id: str, failure: Exception) -> None:
        logger.error("failed on a board", game=game_id, period=period_id, exc_info=failure)
        self.broken.append(f"{game_id}/{period_id}: {failure}")


def _threshold(game_id: str, period_id: str, trimmed: Trimmed, now_ms: int) -> Iterator[Threshold]:
    game = games.named(game_id)
    period = period_named(period_id, game.timezone)
    if trimmed.finished and period is not None and period.contains(now_ms):
        yield Threshold(game, period, trimmed.last)


@dataclass(frozen=True, slots=True)
class _Store:
    """The edge's store as it was read, and the keys that were written."""

    found: Mapping[str, str] | None
    """None where no edge is deployed."""
    written: list[str]

    def broken(self) -> list[str]:
        """Reports missing keys: without them the edge refuses plays, and the origin sees none."""
        if self.found is None:
            return []
        missing = list(lacking(self.found, games))
        if missing:
            logger.error("the edge cannot judge a play", missing=missing)
        return [f"the edge's store: {key} is missing or corrupt" for key in missing]

    def key_age(self, now_ms: int) -> dict[str, Any]:
        if self.found is None:
            return {}
        age_s = now_ms // 1000 - made_at(self.found[CURRENT_KEY])
        return {"key_age_days": round(age_s / 86_400, 2)}


def _publish(thresholds: list[Threshold], now_ms: int) -> _Store:
    """Publishes nothing where no edge is deployed."""
    try:
        arn = read_parameter(settings.edge_store_parameter)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        return _Store(None, [])
    store = EdgeStore(boto3.client("cloudfront-keyvaluestore", config=PATIENT), arn)
    found: dict[str, str] = {}

    def decide(values: Mapping[str, str]) -> Changes:
        found.update(values)
        return published(values, thresholds, now_ms)

    return _Store(found, sorted(store.change(decide).puts))


def _line(game_id: str, period_id: str, trimmed: Trimmed) -> dict[str, Any]:
    return {
        "game": game_id,
        "period": period_id,
        "rows": trimmed.rows,
        "deleted": trimmed.deleted,
        "promoted": trimmed.promoted,
        "reranked": trimmed.reranked,
        "hidden": trimmed.hidden,
        "unreadable": trimmed.unreadable,
        "finished": trimmed.finished,
    }


def _run_on(boards: list[list[str]], *, nightly: bool) -> None:
    boto3.client("lambda", config=PATIENT).invoke(
        FunctionName=settings.function_name,
        InvocationType="Event",
        Payload=json.dumps({"boards": boards, "nightly": nightly}).encode(),
    )
