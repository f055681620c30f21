"""Builds the function that erases what every capability holds of a person."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Final

from config.capabilities import erasure
from config.capabilities.erasure import Erasure
from config.manifest import Table
from lambdas.erasure.settings import EraseSettings
from lambdas.shared.settings import Settings
from stacks.shared.capability_stack import CapabilityStack

_SWEEPING: Final = ("Query", "BatchWriteItem")


def build(stack: CapabilityStack) -> None:
    function = stack.function(erasure.ERASE, [_own_settings(stack), *_erasable_settings(stack)])
    for _, table, made in stack.erasable_tables():
        for actions in _grants(table):
            made.grant(function, *(f"dynamodb:{each}" for each in actions))
    function.allow(["lambda:InvokeFunction"], stack.function_arn(erasure.ERASE))


def _grants(table: Table) -> list[list[str]]:
    """Tables that erasure sweeps share one statement in its policy, which has a size limit."""
    may = table.eraser_may
    swept = [each for each in may if each in _SWEEPING and set(_SWEEPING) <= set(may)]
    return [actions for actions in (swept, [each for each in may if each not in swept]) if actions]


def _own_settings(stack: CapabilityStack) -> EraseSettings:
    return EraseSettings(
        creator_table=stack.table("projects").table_name,
        function_name=erasure.ERASE.name,
        settle_seconds=stack.settings.settings(Erasure).settle_seconds,
    )


def _erasable_settings(stack: CapabilityStack) -> Iterator[Settings]:
    """Each capability's ErasableSettings, whose fields are named like the tables' ids."""
    named: dict[str, dict[str, str]] = {}
    for capability, table, made in stack.erasable_tables():
        named.setdefault(capability.name, {})[_snake_case(table.id)] = made.table_name
    for capability_name, tables in named.items():
        yield import_module(f"lambdas.{capability_name}.settings").ErasableSettings(**tables)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
