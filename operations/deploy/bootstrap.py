"""Runs cdk bootstrap, which creates the CDK's own resources in an account and region."""

from collections.abc import Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from config.environments import PRODUCTION
from local.terminal.progress import step
from operations.account.aws_session import Core, aws_core
from operations.account.identity import BOOTSTRAP_NEEDED, bootstrap_version, verify
from operations.deploy.cdk import BUILD, cdk_environment, run_cdk

_AWAY_FROM_THE_APP: Final = BUILD / "bootstrap"
"""In the folder of cdk.json the CDK would synthesise the stacks, only to ignore them."""


def bootstrap(options: Sequence[str], *, again: bool) -> str:
    """Returns a sentence about what it did. With options it runs even if nothing is missing."""
    core = aws_core()
    account = verify(PRODUCTION, core)
    version = _version(core)
    if version is not None and version >= BOOTSTRAP_NEEDED and not (again or options):
        return (
            f"{account} is bootstrapped already, version {version}: nothing to do "
            "(FORCE=1 updates it to the CDK's newest)"
        )
    _AWAY_FROM_THE_APP.mkdir(parents=True, exist_ok=True)
    with step(f"bootstrapping {account}") as running:
        run_cdk(
            ["bootstrap", f"aws://{account.id}/{account.region}", *options],
            log=BUILD / "cdk-bootstrap.log",
            running=running,
            folder=_AWAY_FROM_THE_APP,
            environment=cdk_environment(),
        )
    return f"{account} is bootstrapped, version {_version(core)}: next: make deploy"


def _version(core: Core) -> int | None:
    try:
        return bootstrap_version(core)
    except (BotoCoreError, ClientError):
        # A role that may not read it may still be allowed to bootstrap; the CDK checks again.
        return None
