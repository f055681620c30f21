"""Where we are, by what clock, and whether the stacks have told each other where they are."""

from email.utils import parsedate_to_datetime
from typing import Final

from config.capabilities import deployed
from config.parameters import written_by
from operations.checks.check import Broken, check, deploy
from operations.checks.deployed import STACK_OF
from operations.desk import Desk
from operations.output import counted

_MOST_SKEW_S: Final = 30
_AT_ONCE: Final = 10
"""Names that one GetParameters takes."""


@check("credentials")
def credentials(desk: Desk) -> str:
    return f"{desk.place.identity}, {desk.place.region}"


@check("clock")
def clock(desk: Desk) -> str:
    """Signatures of requests and of plays are by the clock."""
    answer = desk.place.shared("sts").get_caller_identity()
    told = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    skew = round(desk.now_ms / 1000 - told.timestamp())
    if abs(skew) > _MOST_SKEW_S:
        raise Broken(
            f"this machine's clock is {skew:+} s off that of AWS",
            "set it, or have it kept: timedatectl set-ntp true",
        )
    return f"within {_MOST_SKEW_S} s of that of AWS"


@check("parameters")
def parameters(desk: Desk) -> str:
    wanted = written_by(desk.place.environment)
    present = _present(desk, list(wanted))
    missing = [name for name in wanted if name not in present]
    if missing:
        raise Broken(f"missing: {', '.join(missing)}", deploy(*(wanted[name] for name in missing)))
    return f"all {len(wanted)} are there"


def _present(desk: Desk, wanted: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        answer = desk.place.shared("ssm").get_parameters(Names=wanted[start : start + _AT_ONCE])
        found |= {parameter["Name"] for parameter in answer["Parameters"]}
    return found


@check("functions")
def functions(desk: Desk) -> str:
    client = desk.place.shared("lambda")
    wanted = {
        function.name: STACK_OF[each.name]
        for each in deployed(desk.place.environment)
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
