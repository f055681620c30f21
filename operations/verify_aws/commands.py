"""make verify-aws: the checks, in order, on the account of your credentials."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from local.make.variables import site_named
from local.terminal.errors import VariableError
from operations.account.aws_session import aws_session
from operations.cli.target import NoRegion, Target
from operations.errors import OperatorError
from operations.verify_aws.account import Account
from operations.verify_aws.check import Check, run
from operations.verify_aws.checks import CHECKS
from operations.verify_aws.read_only import read_only
from operations.verify_aws.report import document, show

INTERRUPTED: Final = 130


class UnknownCheck(OperatorError):
    def __init__(self, name: str) -> None:
        known = ", ".join(each.name for each in CHECKS)
        super().__init__(f"--only {name!r}: there is no such check; there are {known}")


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    try:
        site = None if options.site is None else site_named(options.site)
        checks = _chosen(options.only)
        target = _target()
    except (OperatorError, VariableError) as error:
        sys.exit(str(error))
    with closing(target):
        results = run(checks, Account(target, site))
        try:
            fine = document(results) if options.json else show(checks, results)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
    sys.exit(0 if fine else 1)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make verify-aws", description=__doc__)
    parser.add_argument("--site", help="the site's address; CloudFront's own unless given")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--only", action="append", default=[], metavar="CHECK")
    return parser.parse_args(arguments)


def _chosen(names: Sequence[str]) -> list[Check]:
    by_name = {each.name: each for each in CHECKS}
    for name in names:
        if name not in by_name:
            raise UnknownCheck(name)
    return [by_name[name] for name in names] or list(CHECKS)


def _target() -> Target:
    session = read_only(aws_session())
    if session.region_name is None:
        raise NoRegion
    return Target(session)


if __name__ == "__main__":
    main()
