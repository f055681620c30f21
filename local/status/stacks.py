"""The stacks, and the SSM parameters that connect them."""

from __future__ import annotations

from typing import Any, Final

from config import names
from local.status.times import milliseconds

Json = dict[str, Any]

_LONGEST_VALUE: Final = 200


def stacks(cloudformation: Any, ssm: Any) -> list[Json]:
    """Parameters that belong to no stack come last, without one."""
    parameters = _parameters(ssm)
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    found = [_stack(stack, parameters) for page in pages for stack in page["Stacks"]]
    left = [parameter for some in parameters.values() for parameter in some]
    return [*found, *([{"name": None, "parameters": left}] if left else [])]


def _stack(stack: Json, parameters: dict[str, list[Json]]) -> Json:
    changed = stack.get("LastUpdatedTime") or stack["CreationTime"]
    return {
        "name": stack["StackName"],
        "status": stack["StackStatus"],
        "reason": stack.get("StackStatusReason") or None,
        "at": milliseconds(changed),
        "outputs": [
            {"name": output["OutputKey"], "value": output["OutputValue"]}
            for output in stack.get("Outputs", ())
        ],
        "parameters": parameters.pop(_plain(stack["StackName"]), []),
    }


def _parameters(ssm: Any) -> dict[str, list[Json]]:
    """The names of all, and the values of those that are not encrypted."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=f"/{names.PROJECT}", Recursive=True, WithDecryption=False
    )
    found: dict[str, list[Json]] = {}
    for item in (item for page in pages for item in page["Parameters"]):
        shown = item["Type"] != "SecureString" and len(item["Value"]) <= _LONGEST_VALUE
        owner = _plain(item["Name"].split("/")[2])
        parameter = {"name": item["Name"], "value": item["Value"] if shown else None}
        found.setdefault(owner, []).append(parameter)
    return found


def _plain(name: str) -> str:
    """The part that FrontStack and front-stack, or ScoreApiStack and score-api, share."""
    return name.lower().replace("-", "").removesuffix("stack")
