"""Records the templates as they are now: python -m tests.gate.record_templates (make snapshot)."""

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.gate.templates import ENVIRONMENTS, Stacks, record, recorded, snapshots_of
from tests.gate.told import differences
from tests.stacks.templates import synthesise

Json = Any
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_REPLACING: Final = ("TableName", "KeySchema", "BucketName", "KeySpec", "KeyUsage")
"""Properties that CloudFormation changes by making another resource."""
_REFUSAL: Final = """
Nothing was recorded. These resources hold data, and a deploy of these templates would leave it
behind or delete it:
  {}
Give them back their logical ids, names, keys and policies. If the data is really given up, name
them: python -m tests.gate.record_templates NAME…"""


def main(given_up: Sequence[str]) -> None:
    """Takes the names of retained resources that may be dropped; no other may."""
    before = {environment: recorded(environment) for environment in ENVIRONMENTS}
    now = _as_they_are()
    told = [
        f"{environment}: {line}"
        for environment in ENVIRONMENTS
        for line in differences(before[environment], now[environment])
    ]
    print("\n".join([*told, f"changes since the last record: {len(told)}"]))
    refused = sorted(set(lost(before, now)) - set(given_up))
    if refused:
        sys.exit(_REFUSAL.format("\n  ".join(refused)))
    record(now)


def _as_they_are() -> dict[str, Stacks]:
    # The region decides whether there is a budget; the record is of templates without one.
    os.environ.pop("CDK_DEFAULT_REGION", None)
    with tempfile.TemporaryDirectory() as folder:
        return {
            environment: snapshots_of(_synthesised(Path(folder) / context, context), environment)
            for environment, context in ENVIRONMENTS.items()
        }


def _synthesised(out: Path, environment: str) -> Path:
    if problem := synthesise(out, environment=environment):
        sys.exit(problem)
    return out


def lost(before: Mapping[str, Stacks], now: Mapping[str, Stacks]) -> list[str]:
    """Resources that outlive their stack and that these templates no longer contain."""
    return [
        f"{environment}/{stack}.{name}"
        for environment, stacks in before.items()
        for stack, snapshot in stacks.items()
        for name, resource in snapshot["Resources"].items()
        if resource.get("DeletionPolicy", "").startswith("Retain")
        and _is_lost(resource, now[environment].get(stack, {}).get("Resources", {}).get(name))
    ]


def _is_lost(before: Json, now: Json | None) -> bool:
    if now is None or before["Type"] != now["Type"]:
        return True
    return any(_keeps(before, name) and not _keeps(now, name) for name in _POLICIES) or any(
        before["Properties"].get(name) != now["Properties"].get(name) for name in _REPLACING
    )


def _keeps(resource: Json, policy: str) -> bool:
    """RetainExceptOnCreate keeps a resource, too, once its stack has been made."""
    return str(resource.get(policy, "")).startswith("Retain")


if __name__ == "__main__":
    main(sys.argv[1:])
