"""Reads SSM parameters, decrypted."""

import time
from collections.abc import Callable
from functools import partial
from typing import Final

import boto3

from lambdas.shared.aws import CONFIG

_AT_ONCE: Final = 10
_FRESH_SECONDS: Final = 2
"""Far less than a rotation waits for every function to read a new value."""


class ParametersMissing(LookupError):
    def __init__(self, names: list[str]) -> None:
        super().__init__(f"no SSM parameter {', '.join(names)}: deploy the stack that writes it")


def read_parameter(name: str) -> str:
    # Made on first use: a client costs a tenth of a cold start.
    client = boto3.client("ssm", config=CONFIG)
    answer = client.get_parameter(Name=name, WithDecryption=True)
    return str(answer["Parameter"]["Value"])


def read_parameters(*names: str) -> dict[str, str]:
    """All of them, in one call for every ten: GetParameters takes no more."""
    found = _found(names)
    missing = [name for name in names if name not in found]
    if missing:
        raise ParametersMissing(missing)
    return found


def _found(names: tuple[str, ...]) -> dict[str, str]:
    client = boto3.client("ssm", config=CONFIG)
    answers = (
        client.get_parameters(Names=list(names[start : start + _AT_ONCE]), WithDecryption=True)
        for start in range(0, len(names), _AT_ONCE)
    )
    return {each["Name"]: str(each["Value"]) for answer in answers for each in answer["Parameters"]}


class Parameters:
    """One function's parameters. Its first read fetches all of them in one call.

    SSM answers 40 calls a second per account and region, and cold starts come in bursts. Each
    fetched value serves one read that follows at once. Later reads fetch their own.
    """

    def __init__(self, *names: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._names = names
        self._clock = clock
        self._fetched: dict[str, str] | None = None
        self._fetched_at = float("-inf")

    def reader(self, name: str) -> Callable[[], str]:
        return partial(self._read, name)

    def _read(self, name: str) -> str:
        if self._fetched is None:
            self._fetched, self._fetched_at = _found(self._names), self._clock()
        value = self._fetched.pop(name, None)
        if value is not None and self._clock() - self._fetched_at < _FRESH_SECONDS:
            return value
        return read_parameters(name)[name]
