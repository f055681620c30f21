"""The settings of the archive's functions."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ArchiveReturnSettings(Settings):
    """Settings of the function that moves rows to their partitions."""

    archive_bucket: str
    aside_prefix: str
    unreadable_prefix: str


@dataclass(frozen=True, kw_only=True)
class ArchivePruneSettings(Settings):
    """Settings of the function that deletes old archives."""

    archive_bucket: str
    creator_table: str
