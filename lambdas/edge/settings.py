"""The settings of the edge's functions."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class OriginLockSettings(Settings):
    """Settings of the function that keeps the origin lock."""

    origin_lock_parameter: str


@dataclass(frozen=True, kw_only=True)
class PatchSettings(Settings):
    """Settings of the functions that patch the distribution."""

    distribution_id: str
    backup_bucket: str
    origin_lock_parameter: str
    apis: str
    """The APIs behind the distribution, as lambdas.edge.apis writes them."""
    distribution_arn: str
    access_logs: str
    """The logs that CloudFront writes, as lambdas.edge.access_logs writes them."""


@dataclass(frozen=True, kw_only=True)
class StoreSettings(Settings):
    """Settings of the function that fills the store."""

    store_arn: str


@dataclass(frozen=True, kw_only=True)
class RotationSettings(Settings):
    """The settings of rotate-keys."""

    store_arn: str
    origin_lock_parameter: str
    guard_function: str
    rest_seconds: int
    """The shortest time between rotations: what the first one retires is out of use after it."""
    propagation_seconds: int
    """How long a change in the store takes to reach every edge location."""
