"""The environments that tests synthesise, and what differs between them on purpose."""

import platform
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Environment:
    name: str
    telemetry: bool = False
    players: bool = False
    insights: bool = False
    tunnels: bool = False
    ci: bool = False
    domain: str = ""
    local: bool = False

    @property
    def small(self) -> bool:
        """Whether its account runs ten Lambdas at once, like a new one."""
        return self.name == "delivered"

    @property
    def log_days(self) -> int:
        return 1 if self.local else 30

    @property
    def architecture(self) -> str:
        """On AWS the cheaper one. The emulator runs Lambdas on its own machine."""
        if self.local:
            return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
        return "arm64"

    def only(self, *arns: str) -> tuple[str, ...]:
        """The emulator cannot tell which store or function a call names: it checks for *."""
        return ("*",) if self.local else arns


DELIVERED: Final = Environment(name="delivered")
COMPLETE: Final = Environment(
    name="complete",
    telemetry=True,
    players=True,
    insights=True,
    tunnels=True,
    ci=True,
    domain="games.example.com",
)
LOCAL: Final = Environment(
    name="local", telemetry=True, players=True, insights=True, tunnels=True, local=True
)
ENVIRONMENTS: Final = (DELIVERED, COMPLETE, LOCAL)
