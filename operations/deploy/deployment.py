"""The account as a deploy meets it: what was synthesised, and what is deployed already."""

from functools import cached_property
from typing import Any, Final

from config.environments import Environment
from operations.account.aws_session import aws_session, core_of
from operations.account.identity import Account, verify
from operations.deploy.assembly import Assembly, Template
from operations.deploy.leftovers import described, is_foreign

FIRST_DEPLOY_FAILED: Final = {"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"}
"""The CDK deletes a stack in such a state before it deploys."""


class Deployment:
    def __init__(self, environment: Environment, assembly: Assembly) -> None:
        self.environment = environment
        self.assembly = assembly
        self._session = aws_session()
        self.client = self._session.client
        self.core = core_of(self._session)

    @cached_property
    def account(self) -> Account:
        """Raises AccountError if it is not the account that the environment means."""
        return verify(self.environment, self.core)

    @property
    def region(self) -> str:
        return str(self._session.region_name)

    def status(self, stack: str) -> str | None:
        found = described(stack, self.client)
        return None if found is None else str(found["StackStatus"])

    def is_foreign(self, stack: str) -> bool:
        found = described(stack, self.client)
        return found is not None and is_foreign(found)

    def is_new(self, stack: str) -> bool:
        status = self.status(stack)
        return status is None or status in FIRST_DEPLOY_FAILED

    def template(self, stack: str) -> Template | None:
        """The deployed template; None for a stack that this deploy creates."""
        if self.is_new(stack):
            return None
        body = self.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
        return body if isinstance(body, dict) else {"Resources": {}}


def of_type(template: Template, kind: str) -> list[Any]:
    return [each for each in template["Resources"].values() if each["Type"] == kind]


def short(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
