"""Errors about values on make's command line."""

from typing import Final

_MOST_SHOWN: Final = 80


class VariableError(Exception):
    """Names the variable, its value, the problem and the fix, in one line."""

    def __init__(self, variable: str, value: object, problem: str, fix: str) -> None:
        super().__init__(f"{variable}={_shown(str(value))}: {problem}; fix: {fix}")


def _shown(value: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in value[:_MOST_SHOWN])
