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
    scores_endpoint_parameter: str
    telemetry_endpoint_parameter: str
    """Empty where there is no telemetry."""
    api_base_path: str
    get_start: str
    get_end: str
    validate: str
    """ARNs of the three functions."""
    ranking_cache_policy: str


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
