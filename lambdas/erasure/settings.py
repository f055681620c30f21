"""The settings of the function that erases."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class EraseSettings(Settings):
    creator_table: str
    function_name: str
    settle_seconds: int
    """How long something may still be written for a project that is gone."""
