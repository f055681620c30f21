"""What is watched, who is told, and how much of it is wanted."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

BUDGET_REGIONS: Final = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "me-south-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)
"""Where CloudFormation knows the type AWS::Budgets::Budget, by its schemas of November 2026.

A test compares this with cfn-lint's copy of them. A new region is not in here, and goes without.
"""
_EMAIL: Final = re.compile(r"[^@\s,<>\"']+@[^@\s,<>\"']+\.[^@\s,<>\"']+")


def may_have_budgets(region: str | None) -> bool:
    """In config's region, or in the one that the CDK's command line says it synthesises for.

    Where neither says, the template is for any region.
    """
    region = region or os.environ.get("CDK_DEFAULT_REGION")
    return region is None or region in BUDGET_REGIONS


class OpsConfigError(Exception):
    """What is wrong with `ops` in config/environments.py, by field."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"config/environments.py: ops.{field}: {problem}")


@dataclass(frozen=True, kw_only=True)
class Ops:
    email: str | None = None
    """Told of every alarm, once its owner has confirmed by the link that AWS sends."""
    off: tuple[str, ...] = ()
    """Alarms that are not wanted, by the names they have in docs/operate/runbook.md."""
    budget_usd: float | None = 10
    """What the whole account is meant to cost a month at most; None: no budget."""
    dashboard: bool = True

    def check(self, alarms: Iterable[str]) -> None:
        known = sorted(alarms)
        unknown = sorted(set(self.off) - set(known))
        if unknown:
            raise OpsConfigError("off", f"no alarm {unknown[0]!r}; there are {', '.join(known)}")
        if self.email is not None and not _EMAIL.fullmatch(self.email):
            raise OpsConfigError("email", f"{self.email!r} is no address such as ann@example.com")
        if self.budget_usd is not None and not 0 < self.budget_usd < 1e9:
            raise OpsConfigError("budget_usd", f"{self.budget_usd!r} is no sum of dollars")
