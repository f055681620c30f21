"""The settings of the function that erases."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class EraseSettings(Settings):
    telemetry_table: str
    data_table: str
    creator_table: str
    secret_table: str
    function_name: str
    settle_seconds: int
    """How long something may still be written for a project that is gone."""
