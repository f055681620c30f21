"""The credentials, the clock, and whether the stacks left what others need."""

from email.utils import parsedate_to_datetime
from typing import Final

from config.parameters import written_by
from operations.account.parameters import missing_parameters
from operations.cli.output import counted
from operations.cli.session import Session
from operations.deployed import functions as deployed_functions
from operations.doctor.check import check
from operations.findings import Broken, deploy

_MOST_SKEW_S: Final = 30


@check("credentials")
def credentials(session: Session) -> str:
    return f"{session.target.identity}, {session.target.region}"


@check("clock")
def clock(session: Session) -> str:
    """Requests and plays are signed with the time of the clock."""
    answer = session.target.shared("sts").get_caller_identity()
    date = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    skew = round(session.now_ms / 1000 - date.timestamp())
    if abs(skew) > _MOST_SKEW_S:
        raise Broken(
            f"this machine's clock is {skew:+} s off the clock of AWS; at most {_MOST_SKEW_S} s "
            "are fine",
            "set the clock, or synchronise it: timedatectl set-ntp true",
        )
    return f"within {_MOST_SKEW_S} s of the clock of AWS"


@check("parameters")
def parameters(session: Session) -> str:
    wanted = written_by(session.target.environment)
    missing = missing_parameters(wanted, session.target.shared)
    if missing:
        raise Broken(f"missing: {', '.join(missing)}", deploy(*(wanted[name] for name in missing)))
    return f"all {len(wanted)} exist"


@check("functions")
def functions(session: Session) -> str:
    client = session.target.shared("lambda")
    wanted = deployed_functions(session.target.environment)
    unfit: dict[str, str] = {}
    for name in wanted:
        try:
            found = client.get_function_configuration(FunctionName=name)
        except client.exceptions.ResourceNotFoundException:
            unfit[name] = f"{name} does not exist"
            continue
        state = (found.get("State", "Active"), found.get("LastUpdateStatus", "Successful"))
        if state != ("Active", "Successful"):
            unfit[name] = f"{name} is {state[0]}, its last update {state[1]}"
    if unfit:
        raise Broken("; ".join(unfit.values()), deploy(*(wanted[name] for name in unfit)))
    return f"{counted(len(wanted), 'Lambda')} exist and are active"
