"""What each function of the telemetry is told by its stack."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class IngestSettings(Settings):
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
    """How many addresses the HTTP API itself adds to X-Forwarded-For behind CloudFront's."""


@dataclass(frozen=True, kw_only=True)
class DataSettings(Settings):
    data_table: str
    rate_table: str
    creator_table: str
    origin_lock_parameter: str
    token_keys_parameter: str
    data_path: str
    address_requests_a_minute: int
    session_requests_a_minute: int


@dataclass(frozen=True, kw_only=True)
class CountSettings(Settings):
    telemetry_table: str


@dataclass(frozen=True, kw_only=True)
class ArchiveSettings(Settings):
    archive_stream: str


@dataclass(frozen=True, kw_only=True)
class ArchiveReturnSettings(Settings):
    archive_bucket: str
    aside_prefix: str
    unreadable_prefix: str


@dataclass(frozen=True, kw_only=True)
class ArchivePruneSettings(Settings):
    archive_bucket: str
    creator_table: str


@dataclass(frozen=True, kw_only=True)
class AnalyticsSettings(Settings):
    telemetry_table: str
    creator_table: str
    origin_lock_parameter: str


@dataclass(frozen=True, kw_only=True)
class KeysSettings(Settings):
    token_keys_parameter: str
    hash_key_parameter: str
    keep_hash_key: int
    """1 where the tables outlive the stack: without it no player in them can be found again."""


@dataclass(frozen=True, kw_only=True)
class ProjectsSettings(Settings):
    creator_table: str
    origin_lock_parameter: str
    hash_key_parameter: str
    api_base_path: str
    erase_function: str


@dataclass(frozen=True, kw_only=True)
class SecretsSettings(Settings):
    creator_table: str
    secret_table: str
    origin_lock_parameter: str
    api_base_path: str
    kms_key: str


@dataclass(frozen=True, kw_only=True)
class ResolveEnvSettings(Settings):
    creator_table: str
    secret_table: str


@dataclass(frozen=True, kw_only=True)
class EraseSettings(Settings):
    telemetry_table: str
    data_table: str
    creator_table: str
    secret_table: str
    function_name: str
    settle_seconds: int
    """How long something may still be written for a project that is gone."""
