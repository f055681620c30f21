"""Who may deploy from GitHub: one repository's one branch, in one of its environments."""

import re
from dataclasses import dataclass
from typing import Final

_OWNER: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,37}[A-Za-z0-9])?"
_REPOSITORY: Final = re.compile(rf"({_OWNER})/(?!\.{{1,2}}$)([A-Za-z0-9._-]{{1,100}})")
_BRANCH: Final = re.compile(r"(?!.*(\.\.|//|/$|\.$))[A-Za-z0-9_][A-Za-z0-9._/+-]{0,200}")
_ENVIRONMENT: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")


class CiConfigError(Exception):
    """What is wrong with `ci` in config/environments.py, by field."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"config/environments.py: ci.{field}: {problem}")


@dataclass(frozen=True, kw_only=True)
class Ci:
    repository: str
    """owner/name, in the very letters that GitHub shows: capitals count."""
    branch: str = "main"
    environment: str = "production"
    """GitHub's environment, whose protection rules stand before every deploy."""
    owner_id: int | None = None
    repository_id: int | None = None
    """Both, where GitHub's tokens tell them: for repositories made, renamed or moved since
    15 July 2026, and for those that opted in. gh api repos/OWNER/NAME --jq '.owner.id, .id'"""
    provider_exists: bool = False
    """An account has one identity provider for GitHub at most: True where it has it already."""
    diff_pull_requests: bool = True
    """Whether pull requests may read the deployed templates, to show what they would change."""

    @property
    def deploy_subject(self) -> str:
        return self._subject(f"environment:{self.environment}")

    @property
    def pull_request_subject(self) -> str:
        return self._subject("pull_request")

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def check(self) -> None:
        if not _REPOSITORY.fullmatch(self.repository):
            raise CiConfigError(
                "repository", f"{self.repository!r} is not owner/name, such as octocat/my-games"
            )
        if not _BRANCH.fullmatch(self.branch):
            raise CiConfigError("branch", f"{self.branch!r} is not a branch's name, such as main")
        if not _ENVIRONMENT.fullmatch(self.environment):
            raise CiConfigError(
                "environment", f"{self.environment!r}: letters, digits, dots and hyphens alone"
            )
        self._check_ids()

    def _check_ids(self) -> None:
        for field, value in (("owner_id", self.owner_id), ("repository_id", self.repository_id)):
            other = "repository_id" if field == "owner_id" else "owner_id"
            if value is None and getattr(self, other) is not None:
                raise CiConfigError(field, f"missing beside {other}; GitHub tells both or neither")
            if value is not None and (isinstance(value, bool) or value < 1):
                raise CiConfigError(field, f"{value!r} is not one of GitHub's numbers")

    def _subject(self, what: str) -> str:
        if self.repository_id is None:
            return f"repo:{self.repository}:{what}"
        owner, name = self.repository.split("/")
        return f"repo:{owner}@{self.owner_id}/{name}@{self.repository_id}:{what}"
