"""Adds the Description of stacks that the CDK deploys by change sets, which the emulator omits."""

from typing import Any

from ministack.services.cloudformation import _stacks, handlers

_describe = handlers._describe_stacks


def know_descriptions() -> None:
    handlers._ACTION_HANDLERS["DescribeStacks"] = _describe_by_template


def _describe_by_template(params: Any) -> Any:
    for stack in _stacks.values():
        stack["Description"] = stack.get("_template", {}).get("Description", "")
    return _describe(params)
