"""The scores API: its burst, its access log, and how long its functions take."""

from statistics import median
from typing import Final

from config import names
from config.capabilities import scores as scores_manifest
from config.concurrency import UNRESERVED
from operations.cli.output import counted
from operations.costs.month import Month
from operations.docs.pages import COSTS
from operations.findings import Broken, Skipped
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import on_aws

_DAY_MS: Final = 86_400_000
_DELAY_MS: Final = 600_000
"""CloudWatch may take this long to index a line."""
_HOT: Final = (scores_manifest.GET_RANKING.name, scores_manifest.PUT_SCORE.name)
"""The functions that players wait for."""
_LONGEST_START_MS: Final = 1_000
"""Estimated: about half a second with bytecode, two to four times that without."""
_COLD_STARTS: Final = '"Init Duration"'


@check(
    "lambda concurrency",
    claim="Lambda may run as many requests at once as `concurrency` says.",
    laptop="The limit is the account's. New accounts often start with 10 instead of 1,000.",
    good="The quota is `concurrency` of the environment. A higher one is not used.",
    needs=(on_aws("takes its limit from this machine's memory"),),
)
def lambda_concurrency(account: Account) -> str:
    limits = account.client("lambda").get_account_settings()["AccountLimit"]
    total, free = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    evidence = f"{free:,} of {total:,} unreserved"
    planned = account.environment.concurrency
    if total < planned or free < min(planned, UNRESERVED):
        raise Broken(
            f"{evidence}; config says {planned}",
            "ask for more: Service Quotas, AWS Lambda, Concurrent executions (L-B99A9384); until "
            "then lower concurrency in config/environments.py and deploy",
        )
    return evidence


@check(
    "access log",
    claim="Each API writes a line for every request, from which the alarms count.",
    laptop="The emulator writes no access log.",
    good="Lines for the requests of the last day.",
    needs=(on_aws("writes no access log"),),
)
def access_log(account: Account) -> str:
    since = account.now_ms - _DAY_MS
    group = names.api_log_group(scores_manifest.ENDPOINT.name)
    lines = account.log_events(group, since, '"requestId"')
    if lines:
        return f"{len(lines)} lines or more in the last 24 hours"
    answered = account.reports(scores_manifest.GET_RANKING.name, since)
    if not any(each.at_ms < account.now_ms - _DELAY_MS for each in answered):
        raise Skipped("no request in the last 24 hours: ask for a ranking, run this again later")
    raise Broken(
        f"no line in {group}, though {scores_manifest.GET_RANKING.name} answered",
        "API Gateway may lack the right to write there: make deploy",
    )


@check(
    "cold starts",
    claim="A cold start uses the bytecode that we ship.",
    laptop="Local Lambdas start on this machine; only Lambda reports an Init Duration.",
    good="A median below a second; about half a second is expected, and two to four times that "
    "without bytecode. Both figures are estimates.",
    needs=(on_aws("reports no Init Duration"),),
)
def cold_starts(account: Account) -> str:
    starts = {
        name: [
            report.init_ms
            for report in account.reports(name, account.now_ms - 7 * _DAY_MS, _COLD_STARTS)
            if report.init_ms is not None
        ]
        for name in _HOT
    }
    measured = {name: times for name, times in starts.items() if times}
    if not measured:
        raise Skipped(
            "no cold start in the logs of the last 7 days: ask for a ranking that is not cached"
        )
    evidence = ", ".join(
        f"{name} {median(times):,.0f} ms in {counted(len(times), 'start')}"
        for name, times in measured.items()
    )
    if any(median(times) > _LONGEST_START_MS for times in measured.values()):
        raise Broken(
            f"{evidence}: above {_LONGEST_START_MS:,} ms",
            "build with python3.13 on PATH: the synth warns where it cannot write bytecode",
        )
    return evidence


@check(
    "request time",
    claim="A warm request takes no longer than the bill assumes of all requests.",
    laptop="Local Lambdas run on this machine's processor.",
    good=f"A median of at most 60 ms without cold starts, as {COSTS} assumes.",
    needs=(on_aws("bills by this machine's processor"),),
)
def request_time(account: Account) -> str:
    assumed = Month(plays=0).billed_ms
    warm = {
        name: [
            report.billed_ms
            for report in account.reports(name, account.now_ms - _DAY_MS)
            if report.init_ms is None
        ]
        for name in _HOT
    }
    measured = {name: times for name, times in warm.items() if times}
    if not measured:
        raise Skipped("no request in the logs of the last 24 hours")
    evidence = ", ".join(
        f"{name} {median(times):,.0f} ms of {counted(len(times), 'request')}"
        for name, times in measured.items()
    )
    if any(median(times) > assumed for times in measured.values()):
        raise Broken(
            f"{evidence}: more than the {assumed:g} ms that make cost assumes",
            "make cost ARGS='--billed-ms …' shows what that changes",
        )
    return evidence
