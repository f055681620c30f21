"""The error codes that a function's modules define."""

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType

from config.manifest import Function
from lambdas.shared.http.errors import Refusal
from stacks.shared.packaging import ROOT, imports_of

ANSWERED_BY_THE_ENDPOINT = {"internal"}
NEVER_ALONE = {
    *("unauthorized", "forbidden", "unknown", "conflict", "too_late", "unprocessable", "too_many")
}
"""Codes of kinds: a refusal of such a kind has a code of its own."""


def codes_of(*functions: Function) -> set[str]:
    defined = {
        each.code
        for function in functions
        for module in _modules(function)
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, Refusal) and hasattr(each, "code")
    }
    return defined - NEVER_ALONE | ANSWERED_BY_THE_ENDPOINT


def _modules(function: Function) -> Iterator[ModuleType]:
    """All but the handler's own, which starts with settings that are not here."""
    for path in imports_of(function.module).own:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if name != function.module:
            yield importlib.import_module(name)
