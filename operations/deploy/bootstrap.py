"""make bootstrap: the CDK's own resources in the account and region, where they are missing."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from config.environments import PRODUCTION
from local.terminal.progress import step
from operations.account.aws_session import Core, aws_core
from operations.account.identity import BOOTSTRAP_NEEDED, bootstrap_version, verify
from operations.deploy.cdk import BUILD, CdkError, cdk_environment, run_cdk
from operations.errors import AccountError

_AWAY_FROM_THE_APP: Final = BUILD / "bootstrap"
"""Beside cdk.json the CDK would synthesise the stacks, only to ignore them."""


def bootstrap(options: Sequence[str], *, again: bool) -> str:
    """Says what it did. With options for cdk bootstrap it runs whatever is there."""
    core = aws_core()
    account = verify(PRODUCTION, core)
    version = _version(core)
    if version is not None and version >= BOOTSTRAP_NEEDED and not (again or options):
        return (
            f"{account} is bootstrapped already, version {version}: nothing to do "
            "(FORCE=1 brings the CDK's newest)"
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
    return f"{account} is bootstrapped, version {_version(core)}: make deploy comes next"


def _version(core: Core) -> int | None:
    try:
        return bootstrap_version(core)
    except (BotoCoreError, ClientError):
        # Who may not look may still be allowed to bootstrap; the CDK looks again.
        return None


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="even where it is bootstrapped")
    known, options = parser.parse_known_args(arguments)
    try:
        print(bootstrap(options, again=known.again))
    except (AccountError, CdkError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
