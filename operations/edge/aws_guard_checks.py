"""The drift guard: when it last ran, and whether deploys start it."""

import json
from typing import Final

from config import names
from config.capabilities import edge as edge_manifest
from lambdas.shared.values.clock import iso
from operations.cli.output import short_time
from operations.findings import Broken, Skipped
from operations.verify_aws.account import Account
from operations.verify_aws.aws_schedules_checks import rule_name
from operations.verify_aws.check import check
from operations.verify_aws.needs import on_aws

_HOUR_MS: Final = 3_600_000
_LATE_MS: Final = _HOUR_MS // 2
"""EventBridge may start a schedule late, and CloudWatch takes a moment to index a line."""


@check(
    "drift guard",
    claim="The drift guard looked at the distribution within the hour and did not fail.",
    laptop="The emulator announces no deploys, so the local deploy calls the guard itself.",
    good="A run within the last hour that healed nothing.",
)
def drift_guard(account: Account) -> str:
    stack, since = (
        account.stack(edge_manifest.CAPABILITY.stack),
        account.now_ms - _HOUR_MS - _LATE_MS,
    )
    runs = account.reports(edge_manifest.DRIFT_GUARD.name, since)
    if not runs and stack.created_ms > since:
        raise Skipped("not due yet: EdgeStack is younger than an hour")
    if not runs:
        raise Broken(
            "it has not run in the last 90 minutes",
            f"aws lambda invoke --function-name {edge_manifest.DRIFT_GUARD.name} /dev/stdout",
        )
    group = names.function_log_group(edge_manifest.DRIFT_GUARD.name)
    succeeded = account.log_events(group, since, _HEALED)
    began_ms = runs[-1].at_ms - runs[-1].billed_ms - _CLOCKS_MS
    if not succeeded or succeeded[-1]["timestamp"] < began_ms:
        raise Broken(
            f"its last run, at {_time(runs[-1].at_ms)}, failed", f"aws logs tail {group} --since 2h"
        )
    healed = sum(_healed(event["message"]) for event in succeeded)
    summary = f"healed {healed:.0f} times" if healed else "nothing to heal"
    return f"ran at {_time(runs[-1].at_ms)}, {summary}"


_HEALED: Final = '"DriftHealed"'
"""The metric that a run logs where it succeeds."""
_CLOCKS_MS: Final = 1_000


def _healed(line: str) -> float:
    """How much one run put back."""
    value = json.loads(line).get("DriftHealed", 0)
    return float(value[0] if isinstance(value, list) else value)


@check(
    "guard after deploys",
    claim="CloudFormation's events start the drift guard after a deploy.",
    laptop="The emulator announces no deploys.",
    good="At least one invocation of the rule AfterDeploys since the last deploy.",
    needs=(on_aws("announces no deploys"),),
)
def guard_after_deploys(account: Account) -> str:
    [rule] = [
        each
        for each in account.resources("AWS::Events::Rule")
        if each.stack == edge_manifest.CAPABILITY.stack
        and "aws.cloudformation" in each.properties.get("EventPattern", {}).get("source", ())
    ]
    days = 14
    calls = account.metric(
        "AWS/Events", "Invocations", dimensions={"RuleName": rule_name(rule)}, hours=24 * days
    )
    if not calls:
        raise Broken(
            f"{rule_name(rule)} has started nothing in {days} days",
            "deploy any stack of this region, wait five minutes, run this again",
        )
    return f"{calls:.0f} invocations in {days} days"


def _time(at_ms: int) -> str:
    return str(short_time(iso(at_ms)))
