"""The settings of the scores' functions."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class GetRankingSettings(Settings):
    """The settings of get-ranking."""

    table_name: str
    origin_lock_parameter: str


@dataclass(frozen=True, kw_only=True)
class RankingCacheSettings(Settings):
    """The settings of functions that invalidate cached rankings."""

    table_name: str
    distribution_id: str
    ranking_path: str
    invalidation_window_seconds: int
    invalidations_a_month: int


@dataclass(frozen=True, kw_only=True)
class PutScoreSettings(RankingCacheSettings):
    """The settings of put-score."""

    origin_lock_parameter: str
    refresh_function: str
    trim_function: str
    threshold_window_seconds: int
    thresholds_a_month: int


@dataclass(frozen=True, kw_only=True)
class TrimTopSettings(Settings):
    """The settings of trim-top."""

    table_name: str
    function_name: str
    edge_store_parameter: str


@dataclass(frozen=True, kw_only=True)
class ForgettableSettings(Settings):
    """Of the function that erases persons, as far as it concerns what is held here."""

    score_table: str
    trim_top_function: str
    refresh_ranking_function: str
