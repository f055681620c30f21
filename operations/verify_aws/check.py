"""One check of a deployed account: what it claims, what it needs, and how it looks.

    @check(
        "name in the table",
        claim="What is true of a good deployment.",
        laptop="Why the local system cannot show it.",
        good="What a good answer looks like.",
        needs=(SITE,),
    )
    def name(account: Account) -> str:
        ...returns the evidence, or raises Wrong(evidence, fix) or NotChecked(reason)

Checks run in the order in which operations/verify_aws/checks/__init__.py imports their modules.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.edge.live_limits import LiveLimitsError
from lambdas.edge.patch_plan import PatchRefusedError
from operations.cli.output import Json
from operations.doctor.check import Broken, Skipped
from operations.errors import NotDeployed, OperatorError
from operations.site.player import Unreachable
from operations.site.smoke import SmokeError
from operations.verify_aws.account import Account, NothingDeployed

Verdict = Literal["✓", "✗", "–"]
HOLDS: Final[Verdict] = "✓"
WRONG: Final[Verdict] = "✗"
NOT_CHECKED: Final[Verdict] = "–"
_FORBIDDEN: Final = re.compile(r"AccessDenied|UnauthorizedOperation|NotAuthorized|Forbidden")

Look = Callable[[Account], str]


class Wrong(Exception):
    """The claim does not hold."""

    def __init__(self, evidence: str, fix: str) -> None:
        super().__init__(evidence)
        self.evidence = evidence
        self.fix = fix


class NotChecked(Exception):
    """The check cannot run here; says why."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a check cannot do without."""

    lacking: Callable[[Account], str | None]
    """Why this account or this run does not have it; None where it does."""


@dataclass(frozen=True, slots=True)
class Result:
    check: "Check"
    verdict: Verdict
    evidence: str
    fix: str = ""
    seconds: float = 0

    def document(self) -> Json:
        return {
            "check": self.check.name,
            "claim": self.check.claim,
            "verdict": {HOLDS: "holds", WRONG: "wrong", NOT_CHECKED: "not checked"}[self.verdict],
            "evidence": self.evidence,
            "fix": self.fix or None,
            "seconds": round(self.seconds, 2),
        }


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    claim: str
    laptop: str
    good: str
    needs: tuple[Need, ...]
    decisive: bool
    """Whether no other check makes sense where this one fails."""
    look: Look

    def run(self, account: Account) -> Result:
        started = time.perf_counter()
        verdict, evidence, fix = self._judged(account)
        seconds = time.perf_counter() - started
        return Result(self, verdict, " ".join(evidence.split()), fix, seconds)

    def _judged(self, account: Account) -> tuple[Verdict, str, str]:
        try:
            for need in self.needs:
                if (why := need.lacking(account)) is not None:
                    return NOT_CHECKED, why, ""
            return HOLDS, self.look(account), ""
        except Exception as error:  # noqa: BLE001 - the other checks are due all the same
            reason = _why_not_checked(error)
            return (WRONG, *_what_is_wrong(error)) if reason is None else (NOT_CHECKED, reason, "")


def _why_not_checked(error: Exception) -> str | None:
    match error:
        case NotChecked() | Skipped():
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
        case Wrong():
            return error.evidence, error.fix
        case Broken():
            return error.what, error.mend
        case _ if isinstance(error, _SAYS_IT_ALL):
            return str(error), ""
        case _:
            return f"the check itself failed: {error!r}", ""


_SAYS_IT_ALL: Final = (
    BotoCoreError,
    ClientError,
    LiveLimitsError,
    OperatorError,
    PatchRefusedError,
    SmokeError,
    Unreachable,
    urllib3.exceptions.HTTPError,
)
"""Errors whose message is evidence enough."""


CHECKS: Final[list[Check]] = []


def check(
    name: str,
    *,
    claim: str,
    laptop: str,
    good: str,
    needs: tuple[Need, ...] = (),
    decisive: bool = False,
) -> Callable[[Look], Look]:
    def register(look: Look) -> Look:
        CHECKS.append(Check(name, claim, laptop, good, needs, decisive, look))
        return look

    return register


def run(checks: Sequence[Check], account: Account) -> Iterator[Result]:
    """Each result as soon as it is there."""
    for number, each in enumerate(checks):
        result = each.run(account)
        yield result
        if each.decisive and result.verdict == WRONG:
            for left in checks[number + 1 :]:
                yield Result(left, NOT_CHECKED, f"not asked, because of {each.name}")
            return
