"""A check of htmlgame doctor.

    @check("the name people see")
    def name(session: Session) -> str:
        ...returns what it found, or raises Broken(what is wrong, the fix) or Skipped(why)

`htmlgame doctor` runs the checks of operations/<room>/checks.py in the order of their source.
"""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.shared.errors import ExplainedError
from operations.cli.session import Session
from operations.errors import NotDeployed, OperatorError
from operations.findings import Broken, Finding, Skipped, deploy

Look = Callable[[Session], str]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    look: Look

    def __call__(self, session: Session) -> str:
        return self.look(session)

    def run(self, session: Session) -> Finding:
        """A check that fails itself counts as broken; the other checks still run."""
        try:
            return Finding("ok", self.look(session), name=self.name)
        except Exception as error:  # noqa: BLE001
            return _finding(self.name, error)


def _finding(name: str, error: Exception) -> Finding:
    match error:
        case Broken():
            return Finding("broken", error.detail, error.fix, name)
        case Skipped():
            return Finding("skipped", str(error), name=name)
        case NotDeployed():
            return Finding("broken", f"missing: {error.parameter}", deploy(error.stack), name)
        case OperatorError() | ExplainedError():
            return Finding("broken", str(error), name=name)
        case BotoCoreError() | ClientError():
            fix = "check that it exists and that your credentials may read it"
            return Finding("broken", str(error), fix, name)
        case _:
            return Finding("broken", f"the check itself failed: {error!r}", name=name)


def check(name: str) -> Callable[[Look], Check]:
    return lambda look: Check(name, look)
