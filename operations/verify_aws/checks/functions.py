"""The Lambdas: what they run on, and how long they take by Lambda's own count."""

from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from config import names
from config.environments import LAMBDA_PYTHON
from config.functions import FUNCTIONS
from operations.cli.output import counted
from operations.costs.bill import Month
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.check import NotChecked, Wrong, check
from operations.verify_aws.needs import on_aws

_DAY_MS: Final = 86_400_000
_HOT: Final = (names.GET_RANKING, names.PUT_SCORE)
"""What players wait for."""
_LONGEST_START_MS: Final = 1_000
"""Estimated: about half a second with bytecode, two to four times that without."""
_COLD_STARTS: Final = '"Init Duration"'


@check(
    "functions",
    claim="Every Lambda is active, on the runtime and architecture that it was built for.",
    laptop="Local Lambdas run on this machine's own Python and processor.",
    good="Ours on python3.13 and arm64; the CDK's own on Node.",
)
def functions(account: Account) -> str:
    wanted = account.resources("AWS::Lambda::Function")
    found = {each.physical_id: _configuration(account, each.physical_id) for each in wanted}
    problems = [
        problem for each in wanted for problem in _unfit(each, found[each.physical_id], account)
    ]
    if problems:
        raise Wrong("; ".join(problems), "make deploy")
    ours = {function.name for function in FUNCTIONS} & found.keys()
    return (
        f"{len(ours)} of ours on {_platform(account)}, "
        f"{len(found) - len(ours)} of the CDK's, all active"
    )


def _configuration(account: Account, name: str) -> Any:
    client = account.client("lambda")
    try:
        return client.get_function_configuration(FunctionName=name)
    except client.exceptions.ResourceNotFoundException:
        return None


def _unfit(function: Resource, found: Any, account: Account) -> Iterator[str]:
    name = function.physical_id
    if found is None:
        yield f"{name} does not exist"
        return
    state = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    if state != ("Active", "Successful"):
        yield f"{name} is {state[0]}, its last update {state[1]}"
    runtime = f"{found['Runtime']} {found['Architectures'][0]}"
    if name in {each.name for each in FUNCTIONS} and runtime != _platform(account):
        yield f"{name} runs on {runtime}, not {_platform(account)}"


def _platform(account: Account) -> str:
    return f"python{LAMBDA_PYTHON} {account.environment.target.architecture}"


@check(
    "self-invocation",
    claim="Lambda lets a function that goes on in a new invocation do so as often as it needs.",
    laptop="The emulator's CloudFormation leaves out the setting.",
    good="Allow. Otherwise Lambda ends a chain after about 16 invocations.",
    needs=(on_aws("deploys no setting for it"),),
)
def self_invocation(account: Account) -> str:
    wanted = [
        each.physical_id
        for each in account.resources("AWS::Lambda::Function")
        if each.properties.get("RecursiveLoop") == "Allow"
    ]
    if not wanted:
        raise NotChecked("no deployed template allows a function to invoke itself")
    client = account.client("lambda")
    ended = [
        name
        for name in wanted
        if client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] != "Allow"
    ]
    if ended:
        raise Wrong(
            f"Lambda ends a chain of {', '.join(ended)}",
            "aws lambda put-function-recursion-config --recursive-loop Allow --function-name …",
        )
    return f"{', '.join(wanted)}: Allow"


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
        raise NotChecked(
            "no cold start in the logs of the last 7 days: ask for a ranking that is not cached"
        )
    evidence = ", ".join(
        f"{name} {median(times):,.0f} ms in {counted(len(times), 'start')}"
        for name, times in measured.items()
    )
    if any(median(times) > _LONGEST_START_MS for times in measured.values()):
        raise Wrong(
            f"{evidence}: above {_LONGEST_START_MS:,} ms",
            "build with python3.13 on PATH: the synth warns where it cannot write bytecode",
        )
    return evidence


@check(
    "request time",
    claim="A warm request takes no longer than the bill assumes of all requests.",
    laptop="Local Lambdas run on this machine's processor.",
    good="A median of at most 60 ms without cold starts, as docs/reference/costs.md assumes.",
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
        raise NotChecked("no request in the logs of the last 24 hours")
    evidence = ", ".join(
        f"{name} {median(times):,.0f} ms of {counted(len(times), 'request')}"
        for name, times in measured.items()
    )
    if any(median(times) > assumed for times in measured.values()):
        raise Wrong(
            f"{evidence}: more than the {assumed:g} ms that make cost assumes",
            "make cost ARGS='--billed-ms …' shows what that changes",
        )
    return evidence
