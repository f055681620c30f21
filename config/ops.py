"""Alarms, their receiver, the budget and the dashboard."""

import os
import re
from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AfterValidator

from config.model import ENVIRONMENTS_FILE, ConfigError, model

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
"""The regions in which CloudFormation has AWS::Budgets::Budget, by its schemas of November 2026.

A test compares them with cfn-lint's copy of the schemas. A new region has no budget until it is
added here.
"""
_EMAIL: Final = re.compile(r"[^@\s,<>\"']+@[^@\s,<>\"']+\.[^@\s,<>\"']+")


def may_have_budgets(region: str | None) -> bool:
    """Without a region in config, the CDK's command line names one in the environment.

    Without either, the template is for any region.
    """
    region = region or os.environ.get("CDK_DEFAULT_REGION")
    return region is None or region in BUDGET_REGIONS


def _email(address: str) -> str:
    if not _EMAIL.fullmatch(address):
        raise ValueError(f"{address!r} is no address such as ann@example.com")
    return address


def _budget(usd: float) -> float:
    if not 0 < usd < 1e9:
        raise ValueError(f"{usd!r} is no sum of dollars")
    return usd


@model
class Ops:
    email: Annotated[str, AfterValidator(_email)] | None = None
    """Receives every alarm, once its owner has opened the link that AWS sends."""
    off: tuple[str, ...] = ()
    """Alarms that you do not want, by their names in docs/operate/runbook.md."""
    budget_usd: Annotated[float, AfterValidator(_budget)] | None = 10
    """The most that the whole account should cost a month. None: no budget."""
    dashboard: bool = True

    def check(self, alarms: Iterable[str]) -> None:
        """Refuses names that no alarm has."""
        known = sorted(alarms)
        unknown = sorted(set(self.off) - set(known))
        if unknown:
            raise ConfigError(
                ENVIRONMENTS_FILE,
                "ops.off",
                f"no alarm {unknown[0]!r}; there are {', '.join(known)}",
            )
