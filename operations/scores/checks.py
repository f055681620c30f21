"""The score table, the scores API, the boards and their thresholds, and the nightly trim."""

import json
from typing import Final

from config import names
from config.capabilities import scores as scores_manifest
from lambdas.scores.trimming import due_boards
from lambdas.shared.values.clock import iso
from operations.cli.output import Json, counted, short_time
from operations.cli.session import Session
from operations.doctor.check import check
from operations.doctor.probe import check_api
from operations.edge.store import Store
from operations.findings import Broken, deploy
from operations.scores.boards import Census, boards_of
from operations.scores.probes import probe
from operations.scores.scores import Scores
from operations.scores.thresholds import compared

_HOUR_MS: Final = 3_600_000
_LONGEST_WAIT_MS: Final = 26 * _HOUR_MS
"""The trim runs once a day; two hours more allow for its own time."""


@check("score table")
def table(session: Session) -> str:
    client, name = session.target.shared("dynamodb"), session.own(Scores).table_name
    found = client.describe_table(TableName=name)["Table"]
    if found["TableStatus"] not in {"ACTIVE", "UPDATING"}:
        raise Broken(f"{name} is {found['TableStatus']}", "wait, then check again")
    if not session.target.environment.keep_data:
        return "exists and is active"
    backups = client.describe_continuous_backups(TableName=name)
    status = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    unsafe = []
    if status["PointInTimeRecoveryStatus"] != "ENABLED":
        unsafe.append("it has no point-in-time recovery")
    if not found.get("DeletionProtectionEnabled"):
        unsafe.append("it has no deletion protection")
    if unsafe:
        raise Broken("; ".join(unsafe), deploy(scores_manifest.CAPABILITY.stack))
    return "exists, with point-in-time recovery and deletion protection"


@check("score API")
def api(session: Session) -> str:
    return check_api(session, probe())


@check("nightly trim")
def trim(session: Session) -> str:
    since = session.now_ms - _LONGEST_WAIT_MS
    last, failing = _trims(session, since)
    if failing:
        raise Broken(
            f"the last trim failed on {', '.join(sorted(failing))}",
            f"the log of {scores_manifest.TRIM_TOP.name} names the rows: htmlgame remove deletes "
            "them, then htmlgame trim",
        )
    if last is not None:
        return f"ran at {short_time(iso(last))}"
    if session.own(Scores).since_ms > since:
        return "not due yet: the table is younger than a day"
    raise Broken(
        "it has not run in the last 26 hours",
        "check that its rule is enabled (aws events list-rules), then htmlgame trim",
    )


def _trims(session: Session, since_ms: int) -> tuple[int | None, set[str]]:
    """When the last night's trim finished, and which of its boards failed last."""
    games = session.own(Scores).games
    due = {f"{game_id}/{period.id}" for game_id, period in due_boards(games, session.now_ms)}
    pages = (
        session.target.shared("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=names.function_log_group(scores_manifest.TRIM_TOP.name),
            startTime=since_ms,
            filterPattern='"trim-top"',
        )
    )
    last: int | None = None
    failing: dict[str, bool] = {}
    for event in (event for page in pages for event in page["events"]):
        line = _logged(event["message"])
        if line.get("message") == "trim finished":
            last = event["timestamp"]
        if "game" in line and "period" in line:
            trimmed = line["message"] == "trimmed"
            failing[f"{line['game']}/{line['period']}"] = not trimmed or line["unreadable"] > 0
    return last, {board for board, fails in failing.items() if fails and board in due}


def _logged(message: str) -> Json:
    try:
        return json.loads(message)
    except ValueError:
        return {}


@check("boards and thresholds")
def thresholds(session: Session) -> str:
    scores, stored = session.own(Scores), session.own(Store).values()
    wrong = []
    open_boards = list(boards_of(scores.games, session.now_ms, past=0))
    for board in open_boards:
        census = Census.of(scores.table, board)
        if census.unreadable:
            wrong.append(f"{board.name}: {counted(census.unreadable, 'unreadable row')}")
        if compared(stored, board, census).state == "too strict":
            wrong.append(f"{board.name}: the edge refuses plays that would enter")
    if wrong:
        raise Broken(
            "; ".join(wrong),
            "htmlgame trim updates thresholds and names unreadable rows; htmlgame remove deletes "
            "such a row",
        )
    return f"{counted(len(open_boards), 'board')} open, no threshold too strict"
