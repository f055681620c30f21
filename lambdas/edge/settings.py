"""What the edge's functions are told by their stack."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class OriginLockSettings(Settings):
    origin_lock_parameter: str
