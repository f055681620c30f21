"""Builds the functions that take scores, answer rankings and trim boards."""

from typing import Final

from config import names, paths
from config.capabilities import scores
from config.capabilities.scores import RANKING_SHARE, SUBMISSION_SHARE, Scores
from config.concurrency import within
from lambdas.scores.ledger_table import InvalidationLedger
from lambdas.scores.routes import LANE_ROUTES, ROUTES
from lambdas.scores.settings import (
    GetRankingSettings,
    PutScoreSettings,
    RankingCacheSettings,
    TrimTopSettings,
)
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.python_function import PythonFunction

_CHANGES_BOARDS: Final = ("Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem")


def build(stack: CapabilityStack) -> None:
    put, get, trim = _put_score(stack), _get_ranking(stack), _trim_top(stack)
    _refresh_ranking(stack)
    throttles, environment = stack.settings.settings(Scores), stack.settings
    submissions = within(throttles.submissions, SUBMISSION_SHARE, environment)
    rankings = within(throttles.rankings, RANKING_SHARE, environment)
    stack.serve(ROUTES, put, "put_score")
    stack.serve(LANE_ROUTES, put, throttle=submissions)
    stack.serve(ROUTES, get, "get_ranking", throttle=rankings)
    stack.export(
        {
            scores.PUT_ARN: put.function_arn,
            scores.GET_ARN: get.function_arn,
            scores.TRIM_ARN: trim.function_arn,
        }
    )


def _put_score(stack: CapabilityStack) -> PythonFunction:
    cache = _ranking_cache(stack)
    function = stack.function(
        scores.PUT_SCORE,
        PutScoreSettings(
            **vars(cache),
            origin_lock_parameter=names.ORIGIN_LOCK,
            refresh_function=scores.REFRESH_RANKING.name,
            trim_function=scores.TRIM_TOP.name,
            threshold_window_seconds=stack.settings.threshold_window_seconds,
            thresholds_a_month=stack.settings.thresholds_a_month,
        ),
    )
    function.allow_items(
        stack.table_of(scores.CAPABILITY, scores.TABLE), _CHANGES_BOARDS, scores.PARTITIONS
    )
    function.allow_origin_lock()
    function.allow(["cloudfront:CreateInvalidation"], stack.distribution_arn(cache.distribution_id))
    function.allow(
        ["lambda:InvokeFunction"],
        stack.function_arn(scores.REFRESH_RANKING),
        stack.function_arn(scores.TRIM_TOP),
    )
    return function


def _refresh_ranking(stack: CapabilityStack) -> None:
    cache = _ranking_cache(stack)
    function = stack.function(scores.REFRESH_RANKING, cache)
    function.allow_items(
        stack.table_of(scores.CAPABILITY, scores.TABLE),
        ("UpdateItem",),
        (InvalidationLedger.partition,),
    )
    function.allow(["cloudfront:CreateInvalidation"], stack.distribution_arn(cache.distribution_id))


def _ranking_cache(stack: CapabilityStack) -> RankingCacheSettings:
    return RankingCacheSettings(
        table_name=stack.table_of(scores.CAPABILITY, scores.TABLE).table_name,
        distribution_id=stack.parameter_value(names.DISTRIBUTION_ID),
        ranking_path=ROUTES.path("get_ranking", paths.API_BASE_PATH).partition("/{")[0],
        invalidation_window_seconds=stack.settings.invalidation_window_seconds,
        invalidations_a_month=stack.settings.invalidations_a_month,
    )


def _get_ranking(stack: CapabilityStack) -> PythonFunction:
    table = stack.table_of(scores.CAPABILITY, scores.TABLE)
    function = stack.function(
        scores.GET_RANKING,
        GetRankingSettings(table_name=table.table_name, origin_lock_parameter=names.ORIGIN_LOCK),
    )
    function.allow_items(table, ("Query",), scores.PARTITIONS)
    function.allow_origin_lock()
    return function


def _trim_top(stack: CapabilityStack) -> PythonFunction:
    table = stack.table_of(scores.CAPABILITY, scores.TABLE)
    function = stack.function(
        scores.TRIM_TOP,
        TrimTopSettings(
            table_name=table.table_name,
            function_name=scores.TRIM_TOP.name,
            edge_store_parameter=names.EDGE_STORE_ARN,
        ),
    )
    function.allow_items(table, _CHANGES_BOARDS, scores.PARTITIONS)
    function.allow(["lambda:InvokeFunction"], stack.function_arn(scores.TRIM_TOP))
    function.allow_parameter(names.EDGE_STORE_ARN, "GetParameter")
    return function
