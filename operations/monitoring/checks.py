"""The rules that invoke functions, and the alarms and who receives them."""

from collections.abc import Iterator
from typing import Any

from config import alarms, names
from config.manifests import enabled
from config.ops import Ops
from operations.cli.output import counted
from operations.cli.session import Session
from operations.deployed import functions, rules
from operations.doctor.check import check
from operations.findings import Broken, Skipped, deploy


@check("schedules")
def schedules(session: Session) -> str:
    expected = rules()
    stacks = functions(session.target.environment)
    wanted = {name: stack for name, stack in stacks.items() if name in expected}
    problems = [
        problem
        for name, stack in wanted.items()
        for problem in _problems(session, name, stack, expected[name])
    ]
    if problems:
        fixes = dict.fromkeys(fix for _, fix in problems)
        raise Broken("; ".join(what for what, _ in problems), "; ".join(fixes))
    enabled = sum(expected[name] for name in wanted)
    return f"{counted(enabled, 'rule')} enabled, for {counted(len(wanted), 'function')}"


def _problems(
    session: Session, function: str, stack: str, expected: int
) -> Iterator[tuple[str, str]]:
    """Each fault of the function's rules, with its fix."""
    client = session.target.shared("events")
    target = _arn(session, "lambda", f"function:{function}")
    found = client.list_rule_names_by_target(TargetArn=target)["RuleNames"]
    states = {name: str(client.describe_rule(Name=name)["State"]) for name in found}
    off = [name for name, state in states.items() if not state.startswith("ENABLED")]
    lacking = expected - len(states)
    if lacking > 0:
        yield f"{function} lacks {counted(lacking, 'rule')}", deploy(stack)
    if len(states) - len(off) < expected:
        for name in off:
            yield (
                f"{name}, which invokes {function}, is disabled",
                f"aws events enable-rule --name {name}",
            )


@check("alarms")
def alarms_(session: Session) -> str:
    ops, topic_arn = _ops(session), _topic(session)
    wanted = list(_wanted(session, ops))
    answer = session.target.shared("cloudwatch").describe_alarms(
        AlarmNames=wanted, MaxRecords=len(wanted) or 1
    )
    found: dict[str, Any] = {
        each["AlarmName"]: each for each in answer["MetricAlarms"] if each["AlarmName"] in wanted
    }
    missing = [name for name in wanted if name not in found]
    astray = [name for name, each in found.items() if topic_arn not in each.get("AlarmActions", ())]
    mute = [name for name, each in found.items() if not each["ActionsEnabled"]]
    if missing:
        raise Broken(f"missing: {', '.join(missing)}", deploy(names.OPS_STACK))
    if astray:
        raise Broken(f"not sent to {names.ALARMS}: {', '.join(astray)}", deploy(names.OPS_STACK))
    if mute:
        raise Broken(
            f"actions disabled: {', '.join(mute)}",
            f"aws cloudwatch enable-alarm-actions --alarm-names {' '.join(mute)}",
        )
    return f"{counted(len(wanted), 'alarm')} exist, with their actions enabled"


def _wanted(session: Session, ops: Ops) -> Iterator[str]:
    environment = session.target.environment
    for alarm in alarms.alarms(enabled(environment)):
        elsewhere = alarm.region not in {None, session.target.region}
        unsupported = environment.is_local and alarm.fill  # the emulator has no metric math
        if not (alarm.name in ops.off or elsewhere or unsupported):
            yield names.alarm(alarm.name)


@check("alarm topic")
def topic(session: Session) -> str:
    ops, topic_arn = _ops(session), _topic(session)
    client = session.target.shared("sns")
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
    try:
        subscriptions = {
            each["Endpoint"]: each["SubscriptionArn"]
            for page in pages
            for each in page["Subscriptions"]
        }
    except client.exceptions.NotFoundException:
        raise Broken(f"there is no topic {names.ALARMS}", deploy(names.OPS_STACK)) from None
    if ops.email is None:
        return "exists; ops names no email address that receives alarms"
    subscription = subscriptions.get(ops.email, "")
    if subscription.startswith("arn:"):
        return f"exists, and {ops.email} receives alarms"
    raise Broken(
        f"{ops.email} has not confirmed its subscription"
        if subscription == "PendingConfirmation"
        else f"{ops.email} is not subscribed",
        f"aws sns subscribe --topic-arn {topic_arn} --protocol email --notification-endpoint "
        f"{ops.email}, then follow the link in the mail",
    )


def _ops(session: Session) -> Ops:
    ops = session.target.environment.ops
    if ops is None:
        raise Skipped("ops is None in config/environments.py")
    return ops


def _topic(session: Session) -> str:
    return _arn(session, "sns", names.ALARMS)


def _arn(session: Session, service: str, resource: str) -> str:
    _, partition, _, _, account, _ = session.target.identity.split(":", 5)
    return f"arn:{partition}:{service}:{session.target.region}:{account}:{resource}"
