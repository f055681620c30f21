"""What an environment deploys, as operations ask for it: parameters, functions, rules, stacks."""

from collections.abc import Iterator, Mapping
from typing import Final

from config import names
from config.capabilities import CAPABILITIES, SCORES, TELEMETRY, Capability, deployed
from config.environments import Environment

_STACK_OF: Final[Mapping[str, str]] = {
    "scores": names.SCORE_API_STACK,
    "edge": names.EDGE_STACK,
    "telemetry": names.TELEMETRY_STACK,
    "archive": names.TELEMETRY_STACK,
}
_PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "scores": (
        names.SCORE_API_ENDPOINT,
        *SCORES.tables,
        names.SCORE_PUT_ARN,
        names.SCORE_GET_ARN,
        names.SCORE_TRIM_ARN,
    ),
    "edge": (names.ORIGIN_LOCK, names.EDGE_STORE_ARN),
    "telemetry": (
        names.TELEMETRY_API_ENDPOINT,
        *TELEMETRY.tables,
        names.RESOLVE_ENV_ARN,
        names.TELEMETRY_TOKEN_KEYS,
        names.TELEMETRY_HASH_KEY,
    ),
    "archive": (names.ARCHIVE_BUCKET,),
}
_ENDPOINTS: Final = {"scores": names.SCORE_API_ENDPOINT, "telemetry": names.TELEMETRY_API_ENDPOINT}
_RULES: Final[Mapping[str, int]] = {
    names.TRIM_TOP: 1,
    names.ROTATE_KEYS: 1,
    names.DRIFT_GUARD: 2,
    names.TELEMETRY_KEYS: 1,
    names.TELEMETRY_ERASE: 1,
    names.ARCHIVE_RETURN: 1,
    names.ARCHIVE_PRUNE: 1,
}


def stack_of(capability: Capability) -> str:
    """The stack that deploys it."""
    return _STACK_OF[capability.name]


def parameters(environment: Environment) -> Iterator[tuple[str, str]]:
    """Each SSM parameter of a whole deploy, and the stack that writes it."""
    yield names.DISTRIBUTION_ID, names.FRONT_STACK
    if environment.own_site:
        yield names.SITE_BUCKET, names.FRONT_STACK
    for capability in deployed(environment):
        for name in _PARAMETERS[capability.name]:
            yield name, stack_of(capability)


def endpoints(environment: Environment) -> Iterator[tuple[str, str]]:
    """The SSM parameter of each API's address, and the stack that writes it."""
    for capability in deployed(environment):
        if capability.name in _ENDPOINTS:
            yield _ENDPOINTS[capability.name], stack_of(capability)


def functions(environment: Environment) -> dict[str, str]:
    """Each Lambda of the environment, and the stack that deploys it."""
    return {
        function.name: stack_of(capability)
        for capability in deployed(environment)
        for function in capability.functions
    }


def rules() -> dict[str, int]:
    """Each function of any capability that EventBridge rules invoke, and by how many rules."""
    known = {function.name for each in CAPABILITIES for function in each.functions}
    return {name: number for name, number in _RULES.items() if name in known}


def has(environment: Environment, capability: str) -> bool:
    return capability in {each.name for each in deployed(environment)}
