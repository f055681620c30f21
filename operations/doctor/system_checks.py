"""Where we are, by what clock, and whether the stacks have told each other where they are."""

from email.utils import parsedate_to_datetime
from typing import Final

from config.capabilities import enabled
from config.parameters import written_by
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
    wanted = written_by(session.target.environment)
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


@check("functions")
def functions(session: Session) -> str:
    client = session.target.shared("lambda")
    wanted = {
        function.name: STACK_OF[each.name]
        for each in enabled(session.target.environment)
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
