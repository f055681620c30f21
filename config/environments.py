"""The places htmlgame is deployed to, and what differs between them.

Edit PRODUCTION, which nothing but your own deploys reads: tests and docs are about DELIVERED.
LOCAL is the same system on one machine.
"""

import platform
import sys
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from config.ci import Ci
from config.domain import Domain
from config.ops import Ops
from config.telemetry import Telemetry
from lambdas.edge.distribution_grants import DistributionGrants

LAMBDA_PYTHON: Final = "3.13"
LAMBDA_MEMORY_MB: Final = 256
LOCAL_ISSUER: Final = "http://issuer.htmlgame.localhost/auth/v1"
"""Every local cloud resolves it to the issuer it was started with."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the Lambdas run on: third-party code and bytecode are built for it."""

    python: str
    architecture: Literal["arm64", "x86_64"]
    wheels: tuple[str, ...]
    """pip platform tags, best first; none means this very machine's."""


def this_machine() -> Target:
    return Target(
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        architecture="arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
        wheels=(),
    )


@dataclass(frozen=True, kw_only=True)
class Environment:
    name: str
    account: str | None = None
    region: str | None = None
    target: Target
    own_site: bool = True
    """False where a distribution exists: write its id to /htmlgame/front-stack/cf-dist-id."""
    domain: Domain | None = None
    """None: the site has the name that CloudFront gives it. Without own_site it means nothing."""
    distribution_grants: DistributionGrants = field(default_factory=DistributionGrants)
    """Without own_site: permissions that preflight says the patch of your distribution needs."""
    site_origins: tuple[str, ...] = ()
    """Other sites whose pages may call the API through this one; the site itself needs no entry."""
    keep_data: bool = True
    requests_per_second: float = 20
    burst: int = 40
    log_days: int = 30
    invalidation_window_seconds: int = 60
    """A game's cached rankings are invalidated at most once in this long."""
    invalidations_a_month: int = 1000
    """CloudFront's first 1,000 paths a month are free; past this the cache's own age does it."""
    telemetry: Telemetry | None = None
    """None: no telemetry, no creators, and nothing of them in the distribution."""
    ops: Ops | None = field(default_factory=Ops)
    """None: no alarm, no budget, no dashboard."""
    ci: Ci | None = None
    """Ci(repository="owner/name") lets that repository's workflows deploy; None lets nobody."""

    @property
    def is_local(self) -> bool:
        return self.name == "local"


DELIVERED: Final = Environment(
    name="production",
    target=Target(
        python=LAMBDA_PYTHON,
        architecture="arm64",
        wheels=("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64"),
    ),
)
"""Production as it comes."""

PRODUCTION: Final = replace(
    DELIVERED,
)
"""Production as you want it: name here what differs, as in ops=Ops(email="ann@example.com")."""

LOCAL: Final = Environment(
    name="local",
    account="000000000000",
    region="us-east-1",
    target=this_machine(),
    keep_data=False,
    site_origins=("http://localhost:8000", "http://127.0.0.1:8000"),
    log_days=1,
    invalidation_window_seconds=2,
    telemetry=Telemetry(
        issuer=LOCAL_ISSUER,
        # A laptop is one address, whoever plays on it.
        address_requests_a_minute=6000,
        count_window_seconds=1,
        erasure_settle_seconds=2,
        archive=True,
        archive_batch_seconds=1,
        projects={
            "snake": "019aa000-0000-7000-8000-00000000001a",
            "minesweeper": "019aa000-0000-7000-8000-00000000002a",
            "bricks": "019aa000-0000-7000-8000-00000000003a",
        },
    ),
)

COMPLETE: Final = replace(
    DELIVERED,
    name="complete",
    telemetry=Telemetry(issuer="https://example.supabase.co/auth/v1", archive=True),
    ci=Ci(repository="octocat/my-games"),
    domain=Domain(
        names=("games.example.com",),
        certificate="arn:aws:acm:us-east-1:111122223333:certificate/"
        "12345678-1234-1234-1234-123456789012",
    ),
)
"""As delivered, with everything on: what make synth and the tests look at besides."""

_ENVIRONMENTS: Final = {
    "production": PRODUCTION,
    "delivered": DELIVERED,
    "complete": COMPLETE,
    "local": LOCAL,
}


def environment_named(name: str) -> Environment:
    if name not in _ENVIRONMENTS:
        raise SystemExit(f"-c environment={name}: one of {', '.join(_ENVIRONMENTS)}")
    return _ENVIRONMENTS[name]
