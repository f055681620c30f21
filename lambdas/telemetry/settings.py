"""The settings of telemetry's functions."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class IngestSettings(Settings):
    """The settings of telemetry's ingest."""

    telemetry_table: str
    rate_table: str
    creator_table: str
    origin_lock_parameter: str
    token_keys_parameter: str
    hash_key_parameter: str
    telemetry_path: str
    address_requests_a_minute: int
    session_requests_a_minute: int
    gateway_hops: int
    """How many addresses the HTTP API adds to X-Forwarded-For after CloudFront's."""


@dataclass(frozen=True, kw_only=True)
class CountSettings(Settings):
    """The counting function's settings."""

    telemetry_table: str


@dataclass(frozen=True, kw_only=True)
class ArchiveSettings(Settings):
    """Settings of the function that feeds the archive."""

    archive_stream: str


@dataclass(frozen=True, kw_only=True)
class KeysSettings(Settings):
    """Settings of the function that keeps telemetry's keys."""

    token_keys_parameter: str
    hash_key_parameter: str
    keep_hash_key: int
    """1 where the tables outlive the stack: without the key, no player in them can be found."""


@dataclass(frozen=True, kw_only=True)
class ErasableSettings(Settings):
    """The eraser's settings for this capability's data."""

    telemetry_table: str


@dataclass(frozen=True, kw_only=True)
class ForgettableSettings(Settings):
    """The same for the function that erases persons."""

    telemetry_table: str
