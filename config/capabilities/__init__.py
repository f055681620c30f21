"""What an environment deploys: each capability's functions, API and tables, by name."""

from dataclasses import dataclass

from config import names
from config.environments import Environment
from config.functions import FUNCTIONS, Function

NAMES = (
    "scores",
    "edge",
    "telemetry",
    "analytics",
    "data",
    "creators",
    "secrets",
    "erasure",
    "archive",
)
"""Every capability, in the order in which pages and commands list them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    name: str
    api: str | None = None
    tables: tuple[str, ...] = ()
    """The SSM parameters that hold their names."""

    @property
    def functions(self) -> tuple[Function, ...]:
        return tuple(each for each in FUNCTIONS if each.capability == self.name)


SCORES = Capability(name="scores", api=names.SCORE_API, tables=(names.SCORE_TABLE_NAME,))
EDGE = Capability(name="edge")
TELEMETRY = Capability(
    name="telemetry",
    api=names.TELEMETRY_API,
    tables=(
        names.TELEMETRY_TABLE_NAME,
        names.RATE_TABLE_NAME,
        names.DATA_TABLE_NAME,
        names.CREATOR_TABLE_NAME,
        names.SECRET_TABLE_NAME,
    ),
)

ARCHIVE = Capability(name="archive")

CAPABILITIES = (SCORES, EDGE, TELEMETRY, ARCHIVE)


def deployed(environment: Environment) -> tuple[Capability, ...]:
    telemetry = environment.telemetry
    if telemetry is None:
        return (SCORES, EDGE)
    return (SCORES, EDGE, TELEMETRY, ARCHIVE) if telemetry.archive else (SCORES, EDGE, TELEMETRY)
