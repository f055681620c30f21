"""A check of make verify-aws: what it claims, what it needs, and how it looks.

    @check(
        "name in the table",
        claim="What is true of a good deployment.",
        laptop="Why the local system cannot show it.",
        good="What a good answer looks like.",
        needs=(SITE,),
    )
    def name(account: Account) -> str: ...

A check returns its evidence, or raises Broken(evidence, fix) or Skipped(reason). The checks are
in operations/<room>/aws_*checks.py and run in the order of their source.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.shared.errors import ExplainedError
from operations.errors import NotDeployed, OperatorError
from operations.findings import Broken, Finding, Skipped, State
from operations.site.player import Unreachable
from operations.verify_aws.account import Account, NothingDeployed

_FORBIDDEN: Final = re.compile(r"AccessDenied|UnauthorizedOperation|NotAuthorized|Forbidden")

Look = Callable[[Account], str]


@dataclass(frozen=True, slots=True)
class Need:
    """A precondition of a check."""

    lacking: Callable[[Account], str | None]
    """Returns why this account or this run does not meet it, else None."""


@dataclass(frozen=True, slots=True)
class AwsCheck:
    name: str
    claim: str
    laptop: str
    good: str
    needs: tuple[Need, ...]
    decisive: bool
    """If it fails, no later check makes sense."""
    look: Look

    def __call__(self, account: Account) -> str:
        return self.look(account)

    def run(self, account: Account) -> Finding:
        started = time.perf_counter()
        state, detail, fix = self._judged(account)
        seconds = time.perf_counter() - started
        return Finding(state, " ".join(detail.split()), fix, self.name, seconds)

    def _judged(self, account: Account) -> tuple[State, str, str]:
        try:
            for need in self.needs:
                if (why := need.lacking(account)) is not None:
                    return "skipped", why, ""
            return "ok", self.look(account), ""
        except Exception as error:  # noqa: BLE001 - the other checks still run
            reason = _why_not_checked(error)
            return ("skipped", reason, "") if reason else ("broken", *_what_is_wrong(error))


def _why_not_checked(error: Exception) -> str | None:
    match error:
        case Skipped():
            return str(error)
        case NotDeployed():
            return f"not deployed: there is no parameter {error.parameter}"
        case NothingDeployed():
            return f"not deployed: {error}"
        case ClientError() if _FORBIDDEN.search(error.response["Error"]["Code"]):
            return f"not allowed: {error.operation_name}"
        case _:
            return None


def _what_is_wrong(error: Exception) -> tuple[str, str]:
    """The evidence, and the fix where there is one."""
    match error:
        case Broken():
            return error.detail, error.fix
        case _ if isinstance(error, _SELF_EXPLANATORY):
            return str(error), ""
        case _:
            return f"the check itself failed: {error!r}", ""


_SELF_EXPLANATORY: Final = (
    BotoCoreError,
    ClientError,
    ExplainedError,
    OperatorError,
    Unreachable,
    urllib3.exceptions.HTTPError,
)
"""Errors whose message is evidence enough."""


def check(
    name: str,
    *,
    claim: str,
    laptop: str,
    good: str,
    needs: tuple[Need, ...] = (),
    decisive: bool = False,
) -> Callable[[Look], AwsCheck]:
    return lambda look: AwsCheck(name, claim, laptop, good, needs, decisive, look)


def run(checks: Sequence[AwsCheck], account: Account) -> Iterator[Finding]:
    """Yields each finding as soon as it is there."""
    for number, each in enumerate(checks):
        finding = each.run(account)
        yield finding
        if each.decisive and finding.state == "broken":
            for left in checks[number + 1 :]:
                yield Finding("skipped", f"not checked, because of {each.name}", name=left.name)
            return
