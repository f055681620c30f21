"""Alarms, the metrics behind them, the subscribers of their topic, and the budget."""

from collections.abc import Iterator
from typing import Any, Final

from config import alarms, names
from operations.cli.output import counted
from operations.docs.pages import RUNBOOK
from operations.findings import Broken, Skipped
from operations.monitoring import checks as doctor
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.check import check
from operations.verify_aws.needs import BUDGET, EMAIL, OPS, on_aws

_DAY_HOURS: Final = 24


@check(
    "alarms",
    claim="Every alarm exists, notifies the topic, and is not active.",
    laptop="The emulator knows no metric math and evaluates few alarms.",
    good="OK, or no data yet for what has not happened.",
    needs=(OPS,),
)
def alarms_(account: Account) -> str:
    wanted = [each.physical_id for each in account.resources("AWS::CloudWatch::Alarm")]
    there = doctor.alarms_(account.session)
    found = account.client("cloudwatch").describe_alarms(AlarmNames=wanted, MaxRecords=100)
    states = {each["AlarmName"]: each["StateValue"] for each in found["MetricAlarms"]}
    ringing = sorted(name for name, state in states.items() if state == "ALARM")
    if ringing:
        raise Broken(
            f"in ALARM: {', '.join(ringing)}",
            " ".join(f"{RUNBOOK}#{name.partition('-')[2]}" for name in ringing),
        )
    quiet = sum(state == "OK" for state in states.values())
    return f"{there}; {quiet} OK, {len(states) - quiet} without data yet"


@check(
    "metric filters",
    claim="Every metric filter is on its log group with the pattern of its template.",
    laptop="AWS limits how fast filters are made, and CloudFormation does not retry.",
    good="All of them are there.",
    needs=(OPS,),
)
def metric_filters(account: Account) -> str:
    wanted = {_identity(each.properties) for each in _filters(account)}
    missing = wanted - set(_live_filters(account))
    if missing:
        told = ", ".join(sorted(f"{metric} on {group}" for group, metric, _ in missing)[:3])
        raise Broken(
            f"{counted(len(missing), 'filter')} missing or changed: {told}",
            "delete the leftovers of that filter, then deploy OpsStack again",
        )
    return f"{counted(len(wanted), 'filter')} there"


def _filters(account: Account) -> list[Resource]:
    return account.resources("AWS::Logs::MetricFilter")


def _live_filters(account: Account) -> Iterator[tuple[str, str, str]]:
    for group in sorted({each.properties["LogGroupName"] for each in _filters(account)}):
        pages = account.client("logs").get_paginator("describe_metric_filters")
        for page in pages.paginate(logGroupName=group):
            for each in page["metricFilters"]:
                yield group, each["metricTransformations"][0]["metricName"], each["filterPattern"]


def _identity(properties: Any) -> tuple[str, str, str]:
    transformation = properties["MetricTransformations"][0]
    return properties["LogGroupName"], transformation["MetricName"], properties["FilterPattern"]


@check(
    "metrics",
    claim="The metric filters read log lines and count them.",
    laptop="The emulator keeps metric filters without reading any line.",
    good="The drift guard alone gives a value every hour.",
    needs=(OPS, on_aws("keeps metric filters without reading lines")),
)
def metrics(account: Account) -> str:
    lines = account.metric(
        alarms.NAMESPACE, alarms.BILLED_MS, hours=_DAY_HOURS, statistic="SampleCount"
    )
    if lines:
        return f"{lines:,.0f} lines counted in {_DAY_HOURS} hours"
    if account.stack(names.OPS_STACK).created_ms > account.now_ms - 2 * 3_600_000:
        raise Skipped("not due yet: OpsStack is younger than two hours")
    raise Broken(
        f"no value of {alarms.BILLED_MS} in {_DAY_HOURS} hours",
        "aws logs tail of any htmlgame function shows whether it logs at all",
    )


@check(
    "alarm mail",
    claim="The address in ops.email has confirmed that it receives alarms.",
    laptop="No mail leaves this machine.",
    good="The subscription is confirmed. AWS deletes one that nobody confirms.",
    needs=(OPS, EMAIL),
)
def alarm_mail(account: Account) -> str:
    account.stack(names.OPS_STACK)
    return doctor.topic(account.session)


@check(
    "budget",
    claim="The budget watches what the account spends in a month.",
    laptop="The local system deploys no budget: it spends nothing.",
    good="The sum of config/environments.py, and what is spent so far.",
    needs=(OPS, BUDGET, on_aws("deploys no budget")),
)
def budget(account: Account) -> str:
    [planned] = account.resources("AWS::Budgets::Budget")
    wanted = float(planned.properties["Budget"]["BudgetLimit"]["Amount"])
    found = account.client("budgets").describe_budget(
        AccountId=account.id, BudgetName=names.BUDGET
    )["Budget"]
    limit = float(found["BudgetLimit"]["Amount"])
    if limit != wanted:
        raise Broken(f"${limit:g} a month, not ${wanted:g}", "set it again in Billing, Budgets")
    spent = found.get("CalculatedSpend", {}).get("ActualSpend", {}).get("Amount", "0")
    return f"${limit:g} a month, ${float(spent):.2f} spent so far"
