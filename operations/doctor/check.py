"""A wire between the parts of the system, and what to do where it is cut.

    @check("the name people see")
    def name(session: Session) -> str:
        ...what was found, where all is well, else raise Broken(what is wrong, the mend)

In a module that operations/checks/__init__.py imports; checks run in that order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.edge.live_limits import LiveLimitsError
from lambdas.edge.patch_plan import PatchRefusedError
from operations.cli.output import Json
from operations.cli.session import Session
from operations.errors import NotDeployed, OperatorError

State = Literal["ok", "broken", "skipped"]

CHECKS: Final[list["Check"]] = []


class Broken(Exception):
    def __init__(self, what: str, mend: str) -> None:
        self.what = what
        self.mend = mend
        super().__init__(what)


def deploy(*stacks: str) -> str:
    """The mend for what a deploy brings."""
    return f"deploy {', '.join(dict.fromkeys(stacks))}: make deploy"


class Skipped(Exception):
    """There is nothing to check here; says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    state: State
    detail: str
    mend: str | None = None

    def document(self) -> Json:
        return {"name": self.name, "state": self.state, "detail": self.detail, "mend": self.mend}


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    look: Callable[[Session], str]

    def run(self, session: Session) -> Finding:
        """One that cannot even look is broken, and says why; the others go on."""
        try:
            return Finding(self.name, "ok", self.look(session))
        except Broken as broken:
            return Finding(self.name, "broken", broken.what, broken.mend)
        except Skipped as skipped:
            return Finding(self.name, "skipped", str(skipped))
        except NotDeployed as missing:
            return Finding(
                self.name, "broken", f"missing: {missing.parameter}", deploy(missing.stack)
            )
        except (OperatorError, LiveLimitsError, PatchRefusedError) as error:
            return Finding(self.name, "broken", str(error), None)
        except (BotoCoreError, ClientError) as error:
            mend = "see that it is there and that your credentials may look"
            return Finding(self.name, "broken", str(error), mend)
        except Exception as error:  # noqa: BLE001 - the other checks are due all the same
            return Finding(self.name, "broken", f"this check failed itself: {error!r}", None)


def check(name: str) -> Callable[[Callable[[Session], str]], Callable[[Session], str]]:
    def register(look: Callable[[Session], str]) -> Callable[[Session], str]:
        CHECKS.append(Check(name, look))
        return look

    return register
