"""What the edge's functions are told by their stack."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class OriginLockSettings(Settings):
    origin_lock_parameter: str


@dataclass(frozen=True, kw_only=True)
class PatchSettings(Settings):
    distribution_id: str
    backup_bucket: str
    origin_lock_parameter: str
    apis: str
    """The APIs behind the distribution, as lambdas.edge.apis writes them."""


@dataclass(frozen=True, kw_only=True)
class StoreSettings(Settings):
    store_arn: str


@dataclass(frozen=True, kw_only=True)
class RotationSettings(Settings):
    store_arn: str
    origin_lock_parameter: str
    guard_function: str
    rest_seconds: int
    """Between two rotations: all that the first one retires is out of use by then."""
    propagation_seconds: int
    """Until a change in the store is everywhere."""
