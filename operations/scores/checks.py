"""The table, the API before it, and the nightly trim."""

import json
from typing import Final

from config import names, paths
from lambdas.scores.periods import iso
from lambdas.scores.trimming import due_boards
from operations.cli.output import Json, short_time
from operations.cli.session import Session
from operations.doctor.check import Broken, check, deploy
from operations.doctor.probe import Question, lets_anybody_in, origin_answers

_HOUR_MS: Final = 3_600_000
_A_NIGHT_AND_SOME_MS: Final = 26 * _HOUR_MS


@check("score table")
def table(session: Session) -> str:
    client = session.target.shared("dynamodb")
    found = client.describe_table(TableName=session.table_name)["Table"]
    if found["TableStatus"] not in {"ACTIVE", "UPDATING"}:
        raise Broken(f"{session.table_name} is {found['TableStatus']}", "wait, then look again")
    if not session.target.environment.keep_data:
        return "there and active"
    backups = client.describe_continuous_backups(TableName=session.table_name)
    status = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    unsafe = []
    if status["PointInTimeRecoveryStatus"] != "ENABLED":
        unsafe.append("it has no point-in-time recovery")
    if not found.get("DeletionProtectionEnabled"):
        unsafe.append("anybody may delete it")
    if unsafe:
        raise Broken("; ".join(unsafe), deploy(names.SCORE_API_STACK))
    return "there, with point-in-time recovery and deletion protection"


@check("score API")
def api(session: Session) -> str:
    game = next(iter(session.games))
    ranking = paths.GET_RANKING.format(gameId=game.id, period=game.periods[0])
    submission = paths.PUT_SCORE.format(gameId=game.id, period=game.periods[0], userId="x" * 22)
    endpoint = session.parameter(names.SCORE_API_ENDPOINT, names.SCORE_API_STACK)
    origin_answers(
        session,
        endpoint,
        Question("GET", ranking, 200, f"look at the log of {names.GET_RANKING}"),
        Question("GET", ranking, 403, lets_anybody_in(names.SCORE_API_STACK), locked=False),
        Question("PUT", submission, 400, f"look at the log of {names.PUT_SCORE}"),
    )
    return "answers, and to the origin lock alone"


@check("nightly trim")
def trim(session: Session) -> str:
    since = session.now_ms - _A_NIGHT_AND_SOME_MS
    last, failing = _trims(session, since)
    if failing:
        raise Broken(
            f"the last trim failed on {', '.join(sorted(failing))}",
            f"its log names the rows: htmlgame remove them, then htmlgame trim ({names.TRIM_TOP})",
        )
    if last is not None:
        return f"ran at {short_time(iso(last))}"
    if session.since_ms > since:
        return "not due yet: the table is younger than a day"
    raise Broken(
        "it has not run in the last 26 hours",
        "see that its rule is enabled (aws events list-rules), then htmlgame trim",
    )


def _trims(session: Session, since_ms: int) -> tuple[int | None, set[str]]:
    """When all of a night's was done, and the boards due each night whose last was not well."""
    due = {
        f"{game_id}/{period.id}" for game_id, period in due_boards(session.games, session.now_ms)
    }
    pages = (
        session.target.shared("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=names.function_log_group(names.TRIM_TOP),
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
