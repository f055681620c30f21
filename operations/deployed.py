"""What an environment deploys, as operations ask for it."""

from collections.abc import Iterator

from config.environments import Environment
from config.manifests import FUNCTIONS, enabled


def endpoints(environment: Environment) -> Iterator[tuple[str, str]]:
    """The SSM parameter of each API's address, and the stack that writes it."""
    for capability in enabled(environment):
        for endpoint in capability.endpoints:
            yield endpoint.parameter, capability.stack


def functions(environment: Environment) -> dict[str, str]:
    """Each Lambda of the environment, and the stack that deploys it."""
    return {
        function.name: capability.stack
        for capability in enabled(environment)
        for function in capability.functions
    }


def rules() -> dict[str, int]:
    """Each function that EventBridge rules invoke, and by how many rules."""
    return {each.name: len(each.rules) for each in FUNCTIONS if each.rules}


def scheduled_runs(environment: Environment) -> int:
    """How often a month's schedules invoke the functions of the environment."""
    return sum(
        rule.runs_a_month
        for capability in enabled(environment)
        for function in capability.functions
        for rule in function.rules
    )


def has(environment: Environment, capability: str) -> bool:
    return capability in {each.name for each in enabled(environment)}
