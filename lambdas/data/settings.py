"""The settings of the custom data function."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class DataSettings(Settings):
    """The custom data function's settings."""

    data_table: str
    rate_table: str
    creator_table: str
    origin_lock_parameter: str
    token_keys_parameter: str
    data_path: str
    address_requests_a_minute: int
    session_requests_a_minute: int


@dataclass(frozen=True, kw_only=True)
class ErasableSettings(Settings):
    """The eraser's settings for this capability's data."""

    data_table: str
