"""The settings of the projects function."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ProjectsSettings(Settings):
    """The projects function's settings."""

    creator_table: str
    origin_lock_parameter: str
    hash_key_parameter: str
    api_base_path: str
    erase_function: str


@dataclass(frozen=True, kw_only=True)
class ErasableSettings(Settings):
    """The eraser's settings for this capability's data."""

    creator_table: str
