"""The settings of the archive's functions."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ArchiveReturnSettings(Settings):
    archive_bucket: str
    aside_prefix: str
    unreadable_prefix: str


@dataclass(frozen=True, kw_only=True)
class ArchivePruneSettings(Settings):
    archive_bucket: str
    creator_table: str
