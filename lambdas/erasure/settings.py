"""The settings of the eraser."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class EraseSettings(Settings):
    """The eraser's settings."""

    creator_table: str
    function_name: str
    settle_seconds: int
    """How long after a deletion data may still arrive for the project."""
