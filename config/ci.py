"""GitHub deploys from one branch of one repository, in one of its environments."""

import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from config.model import model

_OWNER: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,37}[A-Za-z0-9])?"
_REPOSITORY: Final = re.compile(rf"({_OWNER})/(?!\.{{1,2}}$)([A-Za-z0-9._-]{{1,100}})")
_BRANCH: Final = re.compile(r"(?!.*(\.\.|//|/$|\.$))[A-Za-z0-9_][A-Za-z0-9._/+-]{0,200}")
_ENVIRONMENT: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")


def _matching(pattern: re.Pattern[str], kind: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"{value!r} is not {kind}")
        return value

    return AfterValidator(check)


@model
class Ci:
    repository: Annotated[str, _matching(_REPOSITORY, "owner/name, such as octocat/my-games")]
    """owner/name, exactly as GitHub shows it: capitals count."""
    branch: Annotated[str, _matching(_BRANCH, "a branch's name, such as main")] = "main"
    environment: Annotated[
        str, _matching(_ENVIRONMENT, "made of letters, digits, dots and hyphens alone")
    ] = "production"
    """GitHub's environment, whose protection rules apply to every deploy."""
    owner_id: Annotated[int, Field(ge=1)] | None = None
    repository_id: Annotated[int, Field(ge=1)] | None = None
    """Set both where GitHub's tokens contain them: for repositories that were made, renamed or
    moved since 15 July 2026, and for those that opted in. To read them:
    gh api repos/OWNER/NAME --jq '.owner.id, .id'"""
    provider_exists: bool = False
    """True where the account already has GitHub's identity provider. It can have only one."""
    diff_pull_requests: bool = True
    """Whether pull requests may read the deployed templates, to show what they would change."""

    @model_validator(mode="after")
    def _has_both_ids_or_neither(self) -> Self:
        ids = {"owner_id": self.owner_id, "repository_id": self.repository_id}
        missing = [name for name, value in ids.items() if value is None]
        if len(missing) == 1:
            raise ValueError(f"{missing[0]} is missing; GitHub's tokens contain both ids or none")
        return self

    @property
    def deploy_subject(self) -> str:
        return self._subject(f"environment:{self.environment}")

    @property
    def pull_request_subject(self) -> str:
        return self._subject("pull_request")

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def _subject(self, claim: str) -> str:
        if self.repository_id is None:
            return f"repo:{self.repository}:{claim}"
        owner, name = self.repository.split("/")
        return f"repo:{owner}@{self.owner_id}/{name}@{self.repository_id}:{claim}"
