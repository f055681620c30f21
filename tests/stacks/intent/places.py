"""The environments that tests synthesise, by what differs in their templates on purpose."""

import platform
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Place:
    name: str
    telemetry: bool = False
    ci: bool = False
    domain: str = ""
    local: bool = False

    @property
    def kept(self) -> str:
        """What becomes of data when its stack is deleted."""
        return "Delete" if self.local else "Retain"

    @property
    def log_days(self) -> int:
        return 1 if self.local else 30

    @property
    def architecture(self) -> str:
        """AWS's cheaper one; the emulator runs Lambdas on the machine it is on."""
        if self.local:
            return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
        return "arm64"

    def only(self, *arns: str) -> tuple[str, ...]:
        """The emulator does not know which store or function a call is about, so it asks for *."""
        return ("*",) if self.local else arns


DELIVERED: Final = Place(name="delivered")
COMPLETE: Final = Place(name="complete", telemetry=True, ci=True, domain="games.example.com")
LOCAL: Final = Place(name="local", telemetry=True, local=True)
PLACES: Final = (DELIVERED, COMPLETE, LOCAL)
