"""Where we are, by what clock, and whether the stacks have told each other where they are."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

from config import names
from config.capabilities import TELEMETRY, deployed
from config.environments import Environment
from operations.cli.output import counted
from operations.cli.session import Session
from operations.doctor.check import Broken, check, deploy
from operations.doctor.deployed import STACK_OF

_MOST_SKEW_S: Final = 30
_AT_ONCE: Final = 10
"""Names that one GetParameters takes."""


@check("credentials")
def credentials(session: Session) -> str:
    return f"{session.target.identity}, {session.target.region}"


@check("clock")
def clock(session: Session) -> str:
    """Signatures of requests and of plays are by the clock."""
    answer = session.target.shared("sts").get_caller_identity()
    told = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    skew = round(session.now_ms / 1000 - told.timestamp())
    if abs(skew) > _MOST_SKEW_S:
        raise Broken(
            f"this machine's clock is {skew:+} s off that of AWS",
            "set it, or have it kept: timedatectl set-ntp true",
        )
    return f"within {_MOST_SKEW_S} s of that of AWS"


@check("parameters")
def parameters(session: Session) -> str:
    wanted = dict(_expected(session.target.environment))
    present = _present(session, list(wanted))
    missing = [name for name in wanted if name not in present]
    if missing:
        raise Broken(f"missing: {', '.join(missing)}", deploy(*(wanted[name] for name in missing)))
    return f"all {len(wanted)} are there"


def _present(session: Session, wanted: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        answer = session.target.shared("ssm").get_parameters(Names=wanted[start : start + _AT_ONCE])
        found |= {parameter["Name"] for parameter in answer["Parameters"]}
    return found


def _expected(environment: Environment) -> Iterator[tuple[str, str]]:
    """Each with the stack that writes it."""
    yield names.DISTRIBUTION_ID, names.FRONT_STACK
    if environment.own_site:
        yield names.SITE_BUCKET, names.FRONT_STACK
    for name in (names.ORIGIN_LOCK, names.EDGE_STORE_ARN):
        yield name, names.EDGE_STACK
    for name in (
        names.SCORE_API_ENDPOINT,
        names.SCORE_TABLE_NAME,
        names.SCORE_PUT_ARN,
        names.SCORE_GET_ARN,
        names.SCORE_TRIM_ARN,
    ):
        yield name, names.SCORE_API_STACK
    if environment.telemetry is not None:
        for name in (
            names.TELEMETRY_API_ENDPOINT,
            *TELEMETRY.tables,
            names.RESOLVE_ENV_ARN,
            names.TELEMETRY_TOKEN_KEYS,
            names.TELEMETRY_HASH_KEY,
        ):
            yield name, names.TELEMETRY_STACK
        if environment.telemetry.archive:
            yield names.ARCHIVE_BUCKET, names.TELEMETRY_STACK


@check("functions")
def functions(session: Session) -> str:
    client = session.target.shared("lambda")
    wanted = {
        function.name: STACK_OF[each.name]
        for each in deployed(session.target.environment)
        for function in each.functions
    }
    unfit: dict[str, str] = {}
    for name in wanted:
        try:
            found = client.get_function_configuration(FunctionName=name)
        except client.exceptions.ResourceNotFoundException:
            unfit[name] = f"{name} is not there"
            continue
        state = (found.get("State", "Active"), found.get("LastUpdateStatus", "Successful"))
        if state != ("Active", "Successful"):
            unfit[name] = f"{name} is {state[0]}, its last update {state[1]}"
    if unfit:
        raise Broken("; ".join(unfit.values()), deploy(*(wanted[name] for name in unfit)))
    return f"{counted(len(wanted), 'Lambda')} there and active"
