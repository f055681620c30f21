"""The stacks, and the parameters by which they are wired."""

from __future__ import annotations

from typing import Any, Final

from config import names
from local.status.distribution import milliseconds

Json = dict[str, Any]

_LONGEST_VALUE: Final = 200


def stacks(cloudformation: Any, ssm: Any) -> list[Json]:
    """Parameters under a name of no stack come last, under no stack."""
    wires = _parameters(ssm)
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    found = [_stack(stack, wires) for page in pages for stack in page["Stacks"]]
    left = [wire for some in wires.values() for wire in some]
    return [*found, *([{"name": None, "parameters": left}] if left else [])]


def _stack(stack: Json, wires: dict[str, list[Json]]) -> Json:
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
        "parameters": wires.pop(_plain(stack["StackName"]), []),
    }


def _parameters(ssm: Any) -> dict[str, list[Json]]:
    """What is encrypted stays so: only its name is told."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=f"/{names.PROJECT}", Recursive=True, WithDecryption=False
    )
    found: dict[str, list[Json]] = {}
    for item in (item for page in pages for item in page["Parameters"]):
        told = item["Type"] != "SecureString" and len(item["Value"]) <= _LONGEST_VALUE
        owner = _plain(item["Name"].split("/")[2])
        wire = {"name": item["Name"], "value": item["Value"] if told else None}
        found.setdefault(owner, []).append(wire)
    return found


def _plain(name: str) -> str:
    """FrontStack and front-stack, ScoreApiStack and score-api are the same."""
    return name.lower().replace("-", "").removesuffix("stack")
