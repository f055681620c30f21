"""The settings of the analytics function."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class AnalyticsSettings(Settings):
    """The analytics function's settings."""

    telemetry_table: str
    creator_table: str
    origin_lock_parameter: str
