"""Builds the functions that take scores, answer rankings and trim boards."""

from config import names, paths
from config.capabilities import scores
from lambdas.scores.routes import ROUTES
from lambdas.scores.settings import GetRankingSettings, PutScoreSettings, TrimTopSettings
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.python_function import PythonFunction


def build(stack: CapabilityStack) -> None:
    put, get, trim = _put_score(stack), _get_ranking(stack), _trim_top(stack)
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
    table = stack.table_of(scores.CAPABILITY, scores.TABLE)
    distribution_id = stack.parameter_value(names.DISTRIBUTION_ID)
    function = stack.function(
        scores.PUT_SCORE,
        PutScoreSettings(
            table_name=table.table_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
            distribution_id=distribution_id,
            ranking_path=ROUTES.path("get_ranking", paths.API_BASE_PATH).partition("/{")[0],
            invalidation_window_seconds=stack.settings.invalidation_window_seconds,
            invalidations_a_month=stack.settings.invalidations_a_month,
        ),
    )
    table.grant(function, "dynamodb:Query", "dynamodb:DeleteItem", "dynamodb:UpdateItem")
    function.allow_parameter(names.ORIGIN_LOCK, "GetParameter")
    function.allow(["cloudfront:CreateInvalidation"], stack.distribution_arn(distribution_id))
    return function


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
    table.grant(function, "dynamodb:Query", "dynamodb:DeleteItem", "dynamodb:UpdateItem")
    function.allow(["lambda:InvokeFunction"], stack.function_arn(scores.TRIM_TOP))
    function.allow_parameter(names.EDGE_STORE_ARN, "GetParameter")
    return function
