"""The telemetry's API, asked for what it refuses before it reads or writes anything."""

from config import names, paths
from operations.cli.session import Session
from operations.doctor.check import Skipped, check
from operations.doctor.probe import Question, lets_anybody_in, origin_answers

NOT_WANTED = "telemetry is None in config/environments.py"
COLLECTION = f"{paths.DATA}/doctor"


@check("telemetry API")
def api(session: Session) -> str:
    if session.target.environment.telemetry is None:
        raise Skipped(NOT_WANTED)
    event = f"{paths.TELEMETRY}/event"
    endpoint = session.parameter(names.TELEMETRY_API_ENDPOINT, names.TELEMETRY_STACK)
    origin_answers(
        session,
        endpoint,
        Question("POST", event, 400, f"look at the log of {names.TELEMETRY_INGEST}"),
        Question("POST", event, 403, lets_anybody_in(names.TELEMETRY_STACK), locked=False),
        Question("GET", COLLECTION, 401, f"look at the log of {names.TELEMETRY_DATA}"),
        Question(
            "GET",
            paths.ANALYTICS_SUMMARY,
            401,
            f"look at the log of {names.TELEMETRY_ANALYTICS}",
        ),
    )
    return "answers, and to the origin lock alone"
