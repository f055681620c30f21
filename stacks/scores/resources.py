"""Builds the functions that take scores, answer rankings and trim boards."""

from typing import Final

from config import names, paths
from config.capabilities import scores
from lambdas.scores.routes import ROUTES
from lambdas.scores.settings import (
    GetRankingSettings,
    PutScoreSettings,
    RankingCacheSettings,
    TrimTopSettings,
)
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.python_function import PythonFunction

_CHANGES_BOARDS: Final = (
    "dynamodb:Query",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
)


def build(stack: CapabilityStack) -> None:
    put, get, trim = _put_score(stack), _get_ranking(stack), _trim_top(stack)
    _refresh_ranking(stack)
    stack.serve(ROUTES, put, "put_score")
    stack.serve(ROUTES, get, "get_ranking")
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
    stack.table_of(scores.CAPABILITY, scores.TABLE).grant(function, *_CHANGES_BOARDS)
    function.allow_parameter(names.ORIGIN_LOCK, "GetParameter")
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
    stack.table_of(scores.CAPABILITY, scores.TABLE).grant(function, "dynamodb:UpdateItem")
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
    table.grant(function, "dynamodb:Query")
    function.allow_parameter(names.ORIGIN_LOCK, "GetParameter")
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
    table.grant(function, *_CHANGES_BOARDS)
    function.allow(["lambda:InvokeFunction"], stack.function_arn(scores.TRIM_TOP))
    function.allow_parameter(names.EDGE_STORE_ARN, "GetParameter")
    return function
