"""Every Lambda: its name, its module, and whether it carries the games."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config import names


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    module: str
    knows_games: bool = False
    writes_edge_store: bool = False
    """Signing for the store takes awscrt, which costs every cold start, so only these have it."""
    invokes_itself: bool = False
    """It goes on in a new invocation when time is short, however often that takes."""
    carries: tuple[str, ...] = ()
    """Modules that it finds in its package, besides those that its own module imports."""
    deployed_with: str = ""
    """The capability that deploys it, where that is not the one whose folder holds it."""

    @property
    def modules(self) -> tuple[str, ...]:
        return (self.module, *self.carries)

    @property
    def capability(self) -> str:
        return self.deployed_with or self.module.split(".")[1]


_LAMBDAS: Final = Path(__file__).resolve().parents[1] / "lambdas"
_ERASABLES: Final = tuple(
    f"lambdas.{path.parent.name}.erasable" for path in sorted(_LAMBDAS.glob("*/erasable.py"))
)
"""What each capability holds of people."""

PUT_SCORE: Final = Function(names.PUT_SCORE, "lambdas.scores.put_score", knows_games=True)
GET_RANKING: Final = Function(names.GET_RANKING, "lambdas.scores.get_ranking", knows_games=True)
TRIM_TOP: Final = Function(
    names.TRIM_TOP,
    "lambdas.scores.trim_top",
    knows_games=True,
    writes_edge_store=True,
    invokes_itself=True,
)
ORIGIN_LOCK_KEEPER: Final = Function(names.ORIGIN_LOCK_KEEPER, "lambdas.edge.origin_lock")
STORE_KEEPER: Final = Function(
    names.STORE_KEEPER, "lambdas.edge.store_resource", writes_edge_store=True
)
DISTRIBUTION_PATCH: Final = Function(names.DISTRIBUTION_PATCH, "lambdas.edge.patch_resource")
DRIFT_GUARD: Final = Function(names.DRIFT_GUARD, "lambdas.edge.drift_guard")
ROTATE_KEYS: Final = Function(names.ROTATE_KEYS, "lambdas.edge.rotate_keys", writes_edge_store=True)
TELEMETRY_INGEST: Final = Function(names.TELEMETRY_INGEST, "lambdas.telemetry.ingest")
TELEMETRY_DATA: Final = Function(
    names.TELEMETRY_DATA, "lambdas.data.api", deployed_with="telemetry"
)
TELEMETRY_COUNT: Final = Function(names.TELEMETRY_COUNT, "lambdas.telemetry.count")
TELEMETRY_ANALYTICS: Final = Function(
    names.TELEMETRY_ANALYTICS, "lambdas.analytics.api", deployed_with="telemetry"
)
TELEMETRY_KEYS: Final = Function(names.TELEMETRY_KEYS, "lambdas.telemetry.keys_resource")
TELEMETRY_PROJECTS: Final = Function(
    names.TELEMETRY_PROJECTS, "lambdas.creators.api", deployed_with="telemetry"
)
TELEMETRY_SECRETS: Final = Function(
    names.TELEMETRY_SECRETS, "lambdas.secrets.api", deployed_with="telemetry"
)
TELEMETRY_ERASE: Final = Function(
    names.TELEMETRY_ERASE,
    "lambdas.erasure.erase",
    invokes_itself=True,
    carries=_ERASABLES,
    deployed_with="telemetry",
)
RESOLVE_ENV: Final = Function(
    names.RESOLVE_ENV, "lambdas.secrets.resolve_env", deployed_with="telemetry"
)
ARCHIVE: Final = Function(names.ARCHIVE, "lambdas.telemetry.feed_archive", deployed_with="archive")
ARCHIVE_RETURN: Final = Function(names.ARCHIVE_RETURN, "lambdas.archive.bring_back")
ARCHIVE_PRUNE: Final = Function(names.ARCHIVE_PRUNE, "lambdas.archive.prune")

FUNCTIONS: Final = (
    PUT_SCORE,
    GET_RANKING,
    TRIM_TOP,
    ORIGIN_LOCK_KEEPER,
    STORE_KEEPER,
    DISTRIBUTION_PATCH,
    DRIFT_GUARD,
    ROTATE_KEYS,
    TELEMETRY_INGEST,
    TELEMETRY_DATA,
    TELEMETRY_COUNT,
    TELEMETRY_ANALYTICS,
    TELEMETRY_KEYS,
    TELEMETRY_PROJECTS,
    TELEMETRY_SECRETS,
    TELEMETRY_ERASE,
    RESOLVE_ENV,
    ARCHIVE,
    ARCHIVE_RETURN,
    ARCHIVE_PRUNE,
)
