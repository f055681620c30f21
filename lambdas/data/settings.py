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
    api_base_path: str
    items_a_project: int
    undeclared_collections: int
    """1 where games may begin collections that the project does not declare."""
    gateway_hops: int
    """How many addresses the HTTP API adds to X-Forwarded-For after CloudFront's."""
    address_requests_a_minute: int
    session_requests_a_minute: int


@dataclass(frozen=True, kw_only=True)
class ErasableSettings(Settings):
    """The eraser's settings for this capability's data."""

    data_table: str


@dataclass(frozen=True, kw_only=True)
class ForgettableSettings(Settings):
    """The same for the function that erases persons."""

    data_table: str
