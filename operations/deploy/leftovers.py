"""Stacks of other programs, and stacks of htmlgame that config has switched off.

The CDK neither deploys nor destroys a stack that config has switched off, so it stays billed.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from config import names
from config.manifests import stacks
from operations.account.aws_session import aws_session
from operations.account.errors import account_problem
from operations.account.parameters import Clients
from operations.errors import OperatorError


class Unknown(OperatorError):
    def __init__(self, error: Exception) -> None:
        problem = account_problem(error) or error
        super().__init__(f"cannot read which stacks are left: {problem}")


def described(stack: str, clients: Clients) -> dict[str, Any] | None:
    try:
        [found] = clients("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return dict(found)


def is_foreign(found: Mapping[str, Any]) -> bool:
    """The descriptions of all stacks of htmlgame begin with `htmlgame: `.

    A stack in review is empty, and may have no description yet.
    """
    description = str(found.get("Description") or "")
    if found["StackStatus"] == "REVIEW_IN_PROGRESS" and not description:
        return False
    return not description.startswith(names.DESCRIPTION)


def left_over(asked_for: Container[str], clients: Clients) -> Iterator[str]:
    """Yields a stack before the stacks that it depends on, so that deleting in order works."""
    for name in reversed(stacks()):
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


def report_leftovers() -> None:
    """Prints the stacks that a make destroy of everything left."""
    try:
        for name in left_over((), aws_session().client):
            print(f"still deployed, and billed: {name}\n  {removal(name)}")
    except (BotoCoreError, ClientError) as error:
        raise Unknown(error) from None
