"""Builds the function that erases what every capability holds of a person."""

from typing import Final

from config.capabilities import erasure
from config.capabilities.erasure import Erasure
from config.manifest import Table
from lambdas.erasure.settings import EraseSettings
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.tables_settings import settings_of

_SWEEPING: Final = ("Query", "BatchWriteItem")


def build(stack: CapabilityStack) -> None:
    tables = stack.erasable_tables()
    function = stack.function(
        erasure.ERASE, [_own_settings(stack), *settings_of(tables, "ErasableSettings")]
    )
    for _, table, made in tables:
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
