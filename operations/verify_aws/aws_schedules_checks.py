"""Schedules: their rules, their targets, and when each last ran."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from lambdas.shared.values.clock import iso
from operations.cli.output import counted, short_time
from operations.findings import Broken, Skipped
from operations.monitoring import checks as doctor
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.check import check

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_UNITS: Final = {"minute": _HOUR_MS // 60, "hour": _HOUR_MS, "day": _DAY_MS}
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_LATE_MS: Final = _HOUR_MS // 2
"""EventBridge may start a schedule late, and CloudWatch takes a moment to index a line."""


def period_ms(expression: str) -> int:
    """The longest time between two runs of a schedule."""
    if rate := _RATE.fullmatch(expression):
        return int(rate[1]) * _UNITS[rate[2]]
    minute, hour, day, *_ = expression.removeprefix("cron(").rstrip(")").split()
    if minute.isdecimal() and hour == "*":
        return _HOUR_MS
    if hour.isdecimal() and day in {"*", "?"}:
        return _DAY_MS
    return 31 * _DAY_MS


def rule_name(rule: Resource) -> str:
    return rule.physical_id.rpartition("/")[2]


@check(
    "schedules",
    claim="Every rule is enabled and runs its function.",
    laptop="The emulator's rules carry the same settings; only AWS runs them for weeks.",
    good="All of them are enabled.",
)
def schedules(account: Account) -> str:
    account.resources("AWS::Events::Rule")
    return doctor.schedules(account.session)


@dataclass(frozen=True, slots=True)
class Run:
    rule: Resource
    function: str
    period_ms: int
    last_ms: int | None


@check(
    "scheduled runs",
    claim="Every schedule ran within its period.",
    laptop="A local system does not live long enough for most of them.",
    good="Each ran in its last period, or is not due yet.",
)
def scheduled_runs(account: Account) -> str:
    runs = list(_runs(account))
    ran = [run for run in runs if run.last_ms is not None]
    missed = [run for run in runs if run.last_ms is None and _is_due(account, run)]
    if missed:
        raise Broken(
            "; ".join(
                f"{run.function} has not run in {_described(run.period_ms)}" for run in missed
            ),
            "aws events list-targets-by-rule shows the target; its log says why it does not start",
        )
    if not ran:
        raise Skipped("none is due yet: the stacks are younger than their first period")
    latest = ", ".join(f"{name} at {_time(at)}" for name, at in sorted(_latest(ran).items()))
    waiting = len(runs) - len(ran)
    return f"{latest}; {waiting} not due yet" if waiting else latest


def _runs(account: Account) -> Iterator[Run]:
    @cache
    def last(function: str, since_ms: int) -> int | None:
        found = account.reports(function, since_ms)
        return found[-1].at_ms if found else None

    for rule in account.resources("AWS::Events::Rule"):
        expression = rule.properties.get("ScheduleExpression")
        if expression is None:
            continue
        period = period_ms(expression)
        for function in _targets(account, rule):
            yield Run(rule, function, period, last(function, account.now_ms - period - _LATE_MS))


def _targets(account: Account, rule: Resource) -> Iterator[str]:
    answer = account.client("events").list_targets_by_rule(Rule=rule_name(rule))
    for target in answer["Targets"]:
        yield target["Arn"].rpartition(":")[2]


def _is_due(account: Account, run: Run) -> bool:
    return account.stack(run.rule.stack).created_ms < account.now_ms - run.period_ms - _LATE_MS


def _latest(runs: list[Run]) -> dict[str, int]:
    return {run.function: run.last_ms for run in runs if run.last_ms is not None}


def _described(period: int) -> str:
    return counted(period // _DAY_MS, "day") if period > _DAY_MS else f"{period // _HOUR_MS} hours"


def _time(at_ms: int) -> str:
    return str(short_time(iso(at_ms)))
