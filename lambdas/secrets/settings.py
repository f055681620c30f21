"""The settings of the functions that seal and open secrets."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class SecretsSettings(Settings):
    """The secrets function's settings."""

    creator_table: str
    secret_table: str
    origin_lock_parameter: str
    api_base_path: str
    kms_key: str


@dataclass(frozen=True, kw_only=True)
class ResolveEnvSettings(Settings):
    """The settings of resolve-env."""

    creator_table: str
    secret_table: str


@dataclass(frozen=True, kw_only=True)
class ErasableSettings(Settings):
    """The eraser's settings for this capability's data."""

    secret_table: str
