"""What make deploy checks first: whether it can deploy, what that changes and what it costs.

It changes nothing. A problem that would make the deploy fail half-way is found here, with its fix.
A capability adds its own checks in operations/<name>/preflight.py: findings(deployment).
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from botocore.exceptions import ClientError

from config import names
from config.games import load_games
from config.manifests import CAPABILITIES
from config.prices import FreeTier
from operations.account.identity import bootstrap_version
from operations.cli.output import counted
from operations.costs.bill import bill, dollars
from operations.costs.month import Month
from operations.deploy import account_wide
from operations.deploy.assembly import change
from operations.deploy.deployment import FIRST_DEPLOY_FAILED, Deployment, short
from operations.deploy.leftovers import left_over, removal
from operations.errors import AccountError
from operations.findings import Finding, Findings
from operations.rooms import NAMES, modules

ROOMS: Final = (*NAMES, "monitoring", "ci")
"""Whose checks run, in this order."""
_FORBIDDEN: Final = re.compile(r"AccessDenied|UnauthorizedOperation|NotAuthorized")
_BEYOND_REPAIR: Final = {"CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"}
_SWITCH: Final = {
    names.FRONT_STACK: "own_site=False",
    names.OPS_STACK: "ops=None",
    names.CI_STACK: "ci=None",
    **{
        each.stack: f"no {each.settings.__name__}(…) in capabilities"
        for each in CAPABILITIES
        if each.settings is not None and not each.host
    },
}
"""The setting that leaves the stack out."""


def preflight(deployment: Deployment) -> Findings:
    """Without access to the account there is nothing else to check."""
    access = [*_credentials(deployment)]
    yield from access
    if any(each.state == "broken" for each in access):
        return
    for check in (
        _bootstrap,
        _warnings,
        _stacks,
        _account_wide,
        *(module.findings for module in modules("preflight", ROOMS)),
        _changes,
        _costs,
    ):
        yield from _as_allowed(partial(check, deployment))


def _credentials(deployment: Deployment) -> Findings:
    try:
        account = deployment.account
    except AccountError as error:
        yield Finding("broken", error.problem, error.fix)
        return
    yield Finding("ok", f"{account}, as {account.arn}")
    if account.arn.endswith(":root") and not deployment.environment.is_local:
        yield Finding("note", "these are the account's root credentials; an IAM role is safer")


def _bootstrap(deployment: Deployment) -> Findings:
    version, needed = bootstrap_version(deployment.core), deployment.assembly.bootstrap_version
    if version is None:
        yield Finding("broken", "this account and region are not bootstrapped", "make bootstrap")
    elif version < needed:
        yield Finding(
            "broken", f"bootstrap version {version}; {needed} is needed", "make bootstrap"
        )
    else:
        yield Finding("ok", f"bootstrapped, version {version}")


def _warnings(deployment: Deployment) -> Findings:
    for warning in deployment.assembly.warnings:
        yield Finding("note", warning)


def _stacks(deployment: Deployment) -> Findings:
    for name in deployment.assembly.templates:
        if deployment.is_foreign(name):
            yield _foreign(name)
            continue
        status = deployment.status(name)
        if status in FIRST_DEPLOY_FAILED:
            yield Finding("note", f"{name}: its first deploy failed; this deploy starts it again")
        elif status is None or status.endswith("_COMPLETE"):
            continue
        elif status.endswith("_IN_PROGRESS"):
            yield Finding("broken", f"{name} is being deployed: {status}", "wait until it is done")
        else:
            yield Finding("broken", f"{name} is {status}", _repair(name, status))
    for name in left_over(deployment.assembly.templates, deployment.client):
        yield Finding(
            "note",
            f"{name} is deployed, and billed, although config has switched it off",
            f"after this deploy: {removal(name)}",
        )


def _foreign(stack: str) -> Finding:
    return Finding(
        "broken",
        f"{stack} belongs to another program: its description does not begin with "
        f"{names.DESCRIPTION!r}, and a deploy would overwrite it",
        f"{_SWITCH[stack]} in config/environments.py, or another region or account"
        if stack in _SWITCH
        else "deploy to another region or account",
    )


def _repair(stack: str, status: str) -> str:
    option = f"--stack-name {stack}"
    if status == "UPDATE_ROLLBACK_FAILED":
        return f"aws cloudformation continue-update-rollback {option}"
    if status == "UPDATE_FAILED":
        return f"aws cloudformation rollback-stack {option}, then make deploy again"
    why = f"aws cloudformation describe-stack-events {option} shows why"
    if status in _BEYOND_REPAIR:
        return (
            f"{why}; if nothing else helps, aws cloudformation delete-stack {option}: its tables "
            "and files stay in the account, but the next deploy begins with empty ones"
        )
    return why


def _account_wide(deployment: Deployment) -> Findings:
    """Resources that an account can have only once, of the stacks that this deploy creates."""
    for name, planned in deployment.assembly.templates.items():
        if deployment.is_new(name):
            yield from account_wide.second_region(
                name, planned, deployment.region, deployment.client
            )


def _changes(deployment: Deployment) -> Findings:
    for name, planned in deployment.assembly.templates.items():
        if deployment.is_foreign(name):
            continue
        found = change(deployment.template(name), planned)
        yield Finding("ok", f"{name}: {found.summary}")
        for danger in found.dangers:
            yield Finding("note", f"{name}: {danger}")


def _costs(deployment: Deployment) -> Findings:
    games = len(load_games())
    lines = bill(Month(plays=0, games=games), deployment.environment)
    yield Finding(
        "ok",
        f"costs while nobody plays: about ${dollars(lines, FreeTier.ALWAYS):.2f} a month for "
        f"{counted(games, 'game')}; make cost PLAYS=… estimates the rest",
    )


def _as_allowed(check: Callable[[], Findings]) -> Findings:
    """A role with few permissions cannot read everything; what it cannot read is not an error."""
    try:
        yield from check()
    except ClientError as error:
        if not _FORBIDDEN.search(error.response["Error"]["Code"]):
            raise
        yield Finding("note", f"not checked: {short(error)}")
