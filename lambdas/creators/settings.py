"""The settings of the function for creators' projects."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ProjectsSettings(Settings):
    creator_table: str
    origin_lock_parameter: str
    hash_key_parameter: str
    api_base_path: str
    erase_function: str


@dataclass(frozen=True, kw_only=True)
class ErasableSettings(Settings):
    """Of the function that erases, as far as it concerns what is held here."""

    creator_table: str
