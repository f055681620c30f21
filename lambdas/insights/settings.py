"""The settings of Insights' functions."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class FoldSettings(Settings):
    insights_bucket: str
    insights_table: str
    raw_prefixes: str
    """Folders of files to count, separated by commas."""
    rows_prefix: str
    unreadable_prefix: str


@dataclass(frozen=True, kw_only=True)
class AggregateSettings(Settings):
    insights_table: str


@dataclass(frozen=True, kw_only=True)
class RegisterSettings(Settings):
    insights_bucket: str
    insights_table: str
    raw_prefixes: str
    """Folders whose new files are counted, separated by commas."""
    fold_arn: str
    gather_arn: str
    log_groups: str
    """What the names of the watched log groups begin with."""
    own_log_groups: str
    """What the names of Insights' own log groups begin with. They are not watched."""


@dataclass(frozen=True, kw_only=True)
class GatherSettings(Settings):
    insights_table: str


@dataclass(frozen=True, kw_only=True)
class InsightsSettings(Settings):
    """Settings of the API."""

    insights_bucket: str
    insights_table: str
    key_table: str
    minute_table: str
    rows_prefix: str
    origin_lock_parameter: str
    insights_path: str
