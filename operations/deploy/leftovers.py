"""Whose stack is it, and which stacks of ours go on being billed though nothing asks for them?

The CDK neither deploys nor destroys what config has switched off: make destroy ends with this.
"""

import sys
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from config import names
from operations.account.aws_session import aws_session
from operations.account.errors import account_problem

Clients = Callable[[str], Any]


def described(stack: str, clients: Clients) -> dict[str, Any] | None:
    try:
        [found] = clients("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return dict(found)


def is_foreign(found: Mapping[str, Any]) -> bool:
    """Every version of htmlgame has described its stacks so that they can be told from others.

    A stack in review holds nothing yet, and may have no description yet either.
    """
    description = str(found.get("Description") or "")
    if found["StackStatus"] == "REVIEW_IN_PROGRESS" and not description:
        return False
    return not description.startswith(names.DESCRIPTION)


def left_over(asked_for: Container[str], clients: Clients) -> Iterator[str]:
    """Whoever needs another comes before it, so that they can go in this order."""
    for name in reversed(names.STACKS):
        if name in asked_for:
            continue
        found = described(name, clients)
        if found is not None and not is_foreign(found):
            yield name


def removal(stack: str) -> str:
    command = f"aws cloudformation delete-stack --stack-name {stack}"
    if stack == names.FRONT_STACK:
        return (
            f"{command}; the site's address goes with it, and {names.DISTRIBUTION_ID}: "
            "write your own distribution's id there afterwards"
        )
    return command


def main() -> None:
    try:
        for name in left_over((), aws_session().client):
            print(f"still deployed, and billed: {name}\n  {removal(name)}")
    except (BotoCoreError, ClientError) as error:
        problem = account_problem(error) or error
        sys.exit(f"whether any stack is left could not be seen: {problem}")


if __name__ == "__main__":
    main()
