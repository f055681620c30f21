"""htmlgame account, preflight, deploy, diff, destroy and bootstrap

Modules are imported where they are used: the first message of `make deploy` must not wait for SDKs.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click

from operations.errors import OperatorError

_ASSEMBLY: Final = "cdk.out/deploy"
_FOR_THE_CDK: Final = {"ignore_unknown_options": True}


_built: Final = click.option(
    "--built", is_flag=True, help=f"Take what was synthesised to {_ASSEMBLY} before."
)


def _cdk_arguments(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("arguments", nargs=-1, type=click.UNPROCESSED)(function)


class NotReady(OperatorError):
    code = "not_ready"

    def __init__(self, problems: int) -> None:
        super().__init__(f"nothing was deployed: {problems} to fix")


@click.command("account")
@click.option("--bootstrapped", is_flag=True, help="Also check that it was bootstrapped.")
def account(*, bootstrapped: bool) -> None:
    """Check that the AWS account of your credentials is the one that config names.

    Prints nothing if it is.
    """
    _check_account(bootstrapped=bootstrapped)


def _check_account(*, bootstrapped: bool = False) -> None:
    from config import pins
    from operations.account.aws_session import aws_core
    from operations.account.identity import refuse_bare, verify
    from operations.account.settings import check_settings

    production = pins.production()
    check_settings(production)
    core = aws_core()
    found = verify(production, core)
    if bootstrapped:
        refuse_bare(found, core)


@click.command("preflight")
@click.option(
    "--assembly", help="Check what was synthesised to this folder, rather than synthesise it again."
)
@click.option("--environment", default="production", show_default=True)
def preflight(assembly: str | None, environment: str) -> None:
    """Check that a deploy can succeed, and show what it changes and costs.

    Changes nothing. Exits with 1 if the deploy would fail.
    """
    if assembly is None:
        _check_account(bootstrapped=True)
    _preflight(assembly, environment)


def _preflight(assembly: str | None, environment: str = "production") -> None:
    from pathlib import Path

    if assembly is None:
        from operations.deploy.cdk import synth

        synth(["--output", _ASSEMBLY])
    from config.environments import environment_named
    from operations.deploy.assembly import Assembly
    from operations.deploy.deployment import Deployment
    from operations.deploy.preflight import preflight as findings

    problems = 0
    path = Path(assembly or _ASSEMBLY)
    for finding in findings(Deployment(environment_named(environment), Assembly(path))):
        print(finding, flush=True)
        problems += finding.state == "broken"
    if problems:
        raise NotReady(problems)


@click.command("deploy", context_settings=_FOR_THE_CDK)
@_built
@_cdk_arguments
def deploy(arguments: Sequence[str], *, built: bool) -> None:
    """Deploy all stacks to the account of your credentials, after htmlgame preflight.

    ARGUMENTS go to cdk deploy. With --app, what was synthesised to that folder is
    deployed without a preflight.
    """
    from operations.deploy.cdk import deploy as cdk_deploy

    if built or not any(each.partition("=")[0] in {"--app", "-a"} for each in arguments):
        _check_account(bootstrapped=True)
        _preflight(_ASSEMBLY if built else None)
        arguments = ["--all", "--app", _ASSEMBLY, *arguments]
    with _interruption_explained():
        cdk_deploy(arguments)


@click.command("synth", context_settings=_FOR_THE_CDK)
@_cdk_arguments
def synth(arguments: Sequence[str]) -> None:
    """Write the CloudFormation templates, and deploy nothing.

    ARGUMENTS go to cdk synth.
    """
    from operations.deploy.cdk import synth as cdk_synth

    cdk_synth(arguments)


@click.command("diff", context_settings=_FOR_THE_CDK)
@_built
@_cdk_arguments
def diff(arguments: Sequence[str], *, built: bool) -> None:
    """Show what a deploy would change, as a diff of templates.

    ARGUMENTS go to cdk diff.
    """
    from operations.deploy.cdk import diff as cdk_diff

    _check_account()
    cdk_diff(["--app", _ASSEMBLY, *arguments] if built else arguments)


@click.command("destroy", context_settings=_FOR_THE_CDK)
@_cdk_arguments
def destroy(arguments: Sequence[str]) -> None:
    """Delete the stacks from the account. Scores and the site's files stay.

    ARGUMENTS go to cdk destroy; without any, all stacks are deleted.
    """
    from operations.deploy.cdk import destroy as cdk_destroy
    from operations.deploy.cdk import refuse_unattended
    from operations.deploy.leftovers import report_leftovers

    _check_account()
    refuse_unattended(arguments)
    with _interruption_explained():
        cdk_destroy(arguments or ["--all"])
    if not arguments:
        report_leftovers()


@click.command("bootstrap", context_settings=_FOR_THE_CDK)
@click.option("--again", is_flag=True, help="Even if the account is bootstrapped already.")
@_cdk_arguments
def bootstrap(arguments: Sequence[str], *, again: bool) -> None:
    """Prepare an account and region for the CDK, once before the first deploy.

    ARGUMENTS go to cdk bootstrap.
    """
    from operations.deploy.bootstrap import bootstrap as run

    print(run(arguments, again=again))


@contextmanager
def _interruption_explained() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        print(
            "\nCloudFormation continues what it has begun; make preflight shows the state of the "
            "stacks",
            file=sys.stderr,
        )
        raise
