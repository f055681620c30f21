"""What happens by itself: rules that run functions, and alarms that tell somebody."""

from collections.abc import Iterator
from typing import Any, Final

from config import alarms, names
from config.capabilities import deployed
from config.ops import Ops
from operations.cli.output import counted
from operations.cli.session import Session
from operations.doctor.check import Broken, Skipped, check, deploy
from operations.doctor.deployed import STACK_OF, arn

RUN_BY_RULES: Final = {
    names.TRIM_TOP: 1,
    names.ROTATE_KEYS: 1,
    names.DRIFT_GUARD: 2,
    names.TELEMETRY_KEYS: 1,
    names.TELEMETRY_ERASE: 1,
    names.ARCHIVE_RETURN: 1,
    names.ARCHIVE_PRUNE: 1,
}
"""By how many: of the guard one for each hour, and one for what others deploy."""


@check("schedules")
def schedules(session: Session) -> str:
    wanted = {
        function.name: STACK_OF[each.name]
        for each in deployed(session.target.environment)
        for function in each.functions
        if function.name in RUN_BY_RULES
    }
    problems = [problem for each in wanted.items() for problem in _idle(session, *each)]
    if problems:
        mends = dict.fromkeys(mend for _, mend in problems)
        raise Broken("; ".join(what for what, _ in problems), "; ".join(mends))
    rules = sum(RUN_BY_RULES[name] for name in wanted)
    return f"{counted(rules, 'rule')} enabled, for {counted(len(wanted), 'function')}"


def _idle(session: Session, function: str, stack: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the rules of the function, each with its mend."""
    client = session.target.shared("events")
    target = arn(session, "lambda", f"function:{function}")
    rules = client.list_rule_names_by_target(TargetArn=target)["RuleNames"]
    states = {name: str(client.describe_rule(Name=name)["State"]) for name in rules}
    off = [name for name, state in states.items() if not state.startswith("ENABLED")]
    lacking = RUN_BY_RULES[function] - len(states)
    if lacking > 0:
        yield f"{function} lacks {counted(lacking, 'rule')}", deploy(stack)
    if len(states) - len(off) < RUN_BY_RULES[function]:
        for name in off:
            yield (
                f"{name}, which runs {function}, is disabled",
                f"aws events enable-rule --name {name}",
            )


@check("alarms")
def alarms_(session: Session) -> str:
    ops, topic = _ops(session), _topic(session)
    wanted = list(_wanted(session, ops))
    answer = session.target.shared("cloudwatch").describe_alarms(
        AlarmNames=wanted, MaxRecords=len(wanted) or 1
    )
    found: dict[str, Any] = {
        each["AlarmName"]: each for each in answer["MetricAlarms"] if each["AlarmName"] in wanted
    }
    missing = [name for name in wanted if name not in found]
    astray = [name for name, each in found.items() if topic not in each.get("AlarmActions", ())]
    mute = [name for name, each in found.items() if not each["ActionsEnabled"]]
    if missing:
        raise Broken(f"missing: {', '.join(missing)}", deploy(names.OPS_STACK))
    if astray:
        raise Broken(f"not told to {names.ALARMS}: {', '.join(astray)}", deploy(names.OPS_STACK))
    if mute:
        raise Broken(
            f"actions disabled: {', '.join(mute)}",
            f"aws cloudwatch enable-alarm-actions --alarm-names {' '.join(mute)}",
        )
    return f"{counted(len(wanted), 'alarm')} there, with their actions enabled"


def _wanted(session: Session, ops: Ops) -> Iterator[str]:
    environment = session.target.environment
    for alarm in alarms.alarms(deployed(environment)):
        elsewhere = alarm.region not in {None, session.target.region}
        unknown = environment.is_local and alarm.fill  # metric math, to the emulator
        if not (alarm.name in ops.off or elsewhere or unknown):
            yield names.alarm(alarm.name)


@check("alarm topic")
def topic(session: Session) -> str:
    ops, topic = _ops(session), _topic(session)
    client = session.target.shared("sns")
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    try:
        told = {
            each["Endpoint"]: each["SubscriptionArn"]
            for page in pages
            for each in page["Subscriptions"]
        }
    except client.exceptions.NotFoundException:
        raise Broken(f"there is no topic {names.ALARMS}", deploy(names.OPS_STACK)) from None
    if ops.email is None:
        return "there; ops names no email to tell"
    subscription = told.get(ops.email, "")
    if subscription.startswith("arn:"):
        return f"there, and {ops.email} is told"
    raise Broken(
        f"{ops.email} has not confirmed that it wants to be told"
        if subscription == "PendingConfirmation"
        else f"{ops.email} is not told",
        f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint "
        f"{ops.email}, then the link in the mail that comes",
    )


def _ops(session: Session) -> Ops:
    ops = session.target.environment.ops
    if ops is None:
        raise Skipped("ops is None in config/environments.py")
    return ops


def _topic(session: Session) -> str:
    return arn(session, "sns", names.ALARMS)
