"""The places htmlgame is deployed to, and what differs between them.

Edit PRODUCTION; LOCAL is the same system on one machine.
"""

import platform
import sys
from dataclasses import dataclass
from typing import Final, Literal

LAMBDA_PYTHON: Final = "3.13"


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

    @property
    def is_local(self) -> bool:
        return self.name == "local"


PRODUCTION: Final = Environment(
    name="production",
    target=Target(
        python=LAMBDA_PYTHON,
        architecture="arm64",
        wheels=("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64"),
    ),
)

LOCAL: Final = Environment(
    name="local",
    account="000000000000",
    region="us-east-1",
    target=this_machine(),
    keep_data=False,
    site_origins=("http://localhost:8000", "http://127.0.0.1:8000"),
    log_days=1,
    invalidation_window_seconds=2,
)

_ENVIRONMENTS: Final = {environment.name: environment for environment in (PRODUCTION, LOCAL)}


def environment_named(name: str) -> Environment:
    if name not in _ENVIRONMENTS:
        raise SystemExit(f"-c environment={name}: one of {', '.join(_ENVIRONMENTS)}")
    return _ENVIRONMENTS[name]
