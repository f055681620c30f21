"""Preconditions of checks, each with the reason it gives when it is not met."""

from collections.abc import Callable
from typing import Final

from config.environments import Environment
from operations.deployed import has
from operations.verify_aws.check import Need


def on_aws(why_not_here: str) -> Need:
    """For checks that the local system cannot run."""
    return Need(lambda account: f"the local system {why_not_here}" if account.is_local else None)


def configured(setting: str, given: Callable[[Environment], object]) -> Need:
    return Need(
        lambda account: (
            None
            if given(account.environment)
            else f"{setting} is not set in config/environments.py"
        )
    )


def capability(name: str) -> Need:
    """For what only a capability deploys."""
    return Need(
        lambda account: (
            None
            if has(account.environment, name)
            else f"config/environments.py does not switch {name} on"
        )
    )


SITE: Final = Need(
    lambda account: "no site: make verify-aws SITE=https://…" if account.site is None else None
)
OWN_SITE: Final = configured("own_site", lambda environment: environment.own_site)
OPS: Final = configured("ops", lambda environment: environment.ops)
BUDGET: Final = configured(
    "ops.budget_usd", lambda environment: environment.ops and environment.ops.budget_usd
)
EMAIL: Final = configured(
    "ops.email", lambda environment: environment.ops and environment.ops.email
)
CI: Final = configured("ci", lambda environment: environment.ci)
