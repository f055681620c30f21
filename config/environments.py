"""The environments that htmlgame is deployed to, and how they differ.

Your settings live in PRODUCTION. Only your own deploys read it: tests and docs use DELIVERED.
LOCAL is the same system on one machine.
"""

import platform
import sys
from dataclasses import field, replace
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, Field

from config import manifests as every
from config.ci import Ci
from config.domain import Domain
from config.grants import checked_grants
from config.model import CapabilitySettings, model
from config.ops import Ops
from lambdas.edge.distribution_grants import DistributionGrants

LAMBDA_PYTHON: Final = "3.13"
LAMBDA_MEMORY_MB: Final = 256
LOG_DAYS: Final = (1, 7, 30, 90, 365)

_Settings = TypeVar("_Settings")


@model
class Target:
    """What the Lambdas run on. Third-party code and bytecode are built for it."""

    python: str
    architecture: Literal["arm64", "x86_64"]
    wheels: tuple[str, ...]
    """pip platform tags, best first. Empty means this machine's own."""


def this_machine() -> Target:
    return Target(
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        architecture="arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
        wheels=(),
    )


def _checked_capabilities(
    given: tuple[CapabilitySettings, ...],
) -> tuple[CapabilitySettings, ...]:
    kinds = [type(each) for each in given]
    for capability in every.CAPABILITIES:
        kind = capability.settings
        if kind is None or kind not in kinds:
            continue
        if kinds.count(kind) > 1:
            raise ValueError(f"{kind.__name__} is there twice; keep one")
        host = every.host_of(capability).settings
        if host is not None and host not in kinds:
            raise ValueError(f"{kind.__name__} needs {host.__name__}; add {host.__name__}(…)")
    return given


def _checked_log_days(days: int) -> int:
    if days not in LOG_DAYS:
        raise ValueError(f"{days}; CloudWatch keeps logs for {', '.join(map(str, LOG_DAYS))} days")
    return days


@model
class Environment:
    name: str
    account: str | None = None
    region: str | None = None
    target: Target
    capabilities: Annotated[
        tuple[CapabilitySettings, ...], AfterValidator(_checked_capabilities)
    ] = ()
    """The settings of each capability that is not always on, such as (Telemetry(issuer="…"),).
    Import each class from config/capabilities. A capability without settings here is off: it has
    no resources, and no part in the distribution."""
    own_site: bool = True
    """False where you have a distribution: write its id to /htmlgame/front-stack/cf-dist-id."""
    domain: Domain | None = None
    """None: the site has the name that CloudFront gives it. Without own_site it has no effect."""
    distribution_grants: Annotated[DistributionGrants, AfterValidator(checked_grants)] = field(
        default_factory=DistributionGrants
    )
    """Without own_site: permissions that preflight says the patch of your distribution needs."""
    site_origins: tuple[str, ...] = ()
    """Other sites whose pages may call the API through this one. The site itself needs no entry."""
    keep_data: bool = True
    requests_per_second: Annotated[float, Field(gt=0)] = 20
    burst: Annotated[int, Field(ge=1)] = 40
    concurrency: Annotated[int, Field(ge=10)] = 10
    """How many requests Lambda runs at once in this account and region: quota L-B99A9384. Many new
    accounts have 10. Throttles and limits of functions follow it, so that scores keep a share."""
    log_days: Annotated[int, AfterValidator(_checked_log_days)] = 30
    invalidation_window_seconds: Annotated[int, Field(ge=0)] = 60
    """A game's cached rankings are invalidated at most once a window."""
    invalidations_a_month: Annotated[int, Field(ge=0)] = 1000
    """CloudFront's first 1,000 paths a month are free. Beyond that, cached rankings expire."""
    threshold_window_seconds: Annotated[int, Field(ge=0)] = 600
    """A game's thresholds at the edge are published at most once a window, and every night."""
    thresholds_a_month: Annotated[int, Field(ge=0)] = 100
    """Each publication costs $0.003. Beyond that number, thresholds wait for the nightly trim."""
    ops: Ops | None = field(default_factory=Ops)
    """None: no alarm, no budget, no dashboard."""
    ci: Ci | None = None
    """Ci(repository="owner/name") lets that repository's workflows deploy. None: nobody may."""

    @property
    def is_local(self) -> bool:
        return self.name == "local"

    def given(self, kind: type[_Settings]) -> _Settings | None:
        """The settings of this class, or of one that extends it; None where there are none."""
        return next((each for each in self.capabilities if isinstance(each, kind)), None)

    def settings(self, kind: type[_Settings]) -> _Settings:
        """The given settings of this class, or its defaults."""
        return self.given(kind) or kind()


globals().update(every.settings_classes())
"""PRODUCTION may name these classes without an import, though linters ask for one."""

DELIVERED: Final = Environment(
    name="production",
    target=Target(
        python=LAMBDA_PYTHON,
        architecture="arm64",
        wheels=("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64"),
    ),
)
"""Production before your changes."""

PRODUCTION: Final = replace(
    DELIVERED,
)
"""Production with your changes: add what differs, such as ops=Ops(email="ann@example.com")."""

LOCAL: Final = Environment(
    name="local",
    account="000000000000",
    region="us-east-1",
    target=this_machine(),
    capabilities=tuple(each.local for each in every.CAPABILITIES if each.local is not None),
    keep_data=False,
    site_origins=("http://localhost:8000", "http://127.0.0.1:8000"),
    log_days=1,
    invalidation_window_seconds=2,
)

COMPLETE: Final = replace(
    DELIVERED,
    name="complete",
    concurrency=1000,
    capabilities=tuple(each.complete for each in every.CAPABILITIES if each.complete is not None),
    ci=Ci(repository="octocat/my-games"),
    domain=Domain(
        names=("games.example.com",),
        certificate="arn:aws:acm:us-east-1:111122223333:certificate/"
        "12345678-1234-1234-1234-123456789012",
    ),
)
"""DELIVERED with every capability and option, for make synth and the tests."""

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
