"""The Lambdas: their runtime, and whether they may invoke themselves."""

from collections.abc import Iterator
from typing import Any

from config.environments import LAMBDA_PYTHON
from config.manifests import FUNCTIONS
from operations.findings import Broken, Skipped
from operations.verify_aws.account import Account, Resource
from operations.verify_aws.check import check
from operations.verify_aws.needs import on_aws


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
        raise Broken("; ".join(problems), "make deploy")
    ours = {function.name for function in FUNCTIONS} & found.keys()
    return (
        f"{len(ours)} own functions on {_platform(account)}, "
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
        raise Skipped("no deployed template allows a function to invoke itself")
    client = account.client("lambda")
    ended = [
        name
        for name in wanted
        if client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] != "Allow"
    ]
    if ended:
        raise Broken(
            f"Lambda ends a chain of {', '.join(ended)}",
            "aws lambda put-function-recursion-config --recursive-loop Allow --function-name …",
        )
    return f"{', '.join(wanted)}: Allow"
