"""htmlgame verify-aws: the checks, in order, on the account of your credentials."""

import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Final

import click

from operations.errors import WrongArgument
from operations.rooms import NAMES, members, modules
from operations.verify_aws.check import AwsCheck, run

INTERRUPTED: Final = 130
ROOMS: Final = ("account", *NAMES, "site", "verify_aws", "monitoring", "ci")
"""Whose checks run, in this order. The first asks for the credentials."""


class UnknownCheck(WrongArgument):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"--only {name!r}", f"there is no such check; there are {', '.join(known)}"
        )


def checks() -> list[AwsCheck]:
    found = modules("aws_*checks", ROOMS)
    return [check for module in found for check in members(module, AwsCheck)]


@click.command("verify-aws")
@click.option("--site", help="The site's address. The default is CloudFront's own.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--only", multiple=True, metavar="CHECK", help="Run this check; may be repeated.")
def verify_aws(site: str | None, as_json: bool, only: Sequence[str]) -> None:  # noqa: FBT001
    """Check what only AWS can show, and change nothing.

    Exits with 1 if a claim does not hold.
    """
    from local.make.variables import site_named
    from operations.account.aws_session import aws_session
    from operations.cli.target import NoRegion, Target
    from operations.verify_aws.account import Account
    from operations.verify_aws.read_only import read_only
    from operations.verify_aws.report import document, show

    address = None if site is None else site_named(site)
    chosen = _chosen(only)
    session = read_only(aws_session())
    if session.region_name is None:
        raise NoRegion
    with closing(Target(session)) as target:
        findings = run(chosen, Account(target, address))
        try:
            fine = document(chosen, findings) if as_json else show(chosen, findings)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
    sys.exit(0 if fine else 1)


def _chosen(names: Sequence[str]) -> list[AwsCheck]:
    by_name = {each.name: each for each in checks()}
    for name in names:
        if name not in by_name:
            raise UnknownCheck(name, list(by_name))
    return [by_name[name] for name in names] or list(by_name.values())
