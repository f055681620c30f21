"""Builds the API of creators' functions, and the sandbox that runs them."""

from config import names, paths
from config.capabilities import runner
from lambdas.runner.routes import ROUTES
from lambdas.runner.settings import FunctionsSettings, SandboxSettings
from stacks.shared.capability_stack import CapabilityStack


def build(stack: CapabilityStack) -> None:
    # Its role may write its log: whoever breaks out of the sandbox gains nothing.
    sandbox = stack.function(runner.SANDBOX, SandboxSettings())
    functions, runs = (
        stack.table_of(runner.CAPABILITY, each) for each in (runner.FUNCTIONS, runner.RUNS)
    )
    keys, minutes = stack.table("api users"), stack.table("api requests")
    api = stack.function(
        runner.API,
        FunctionsSettings(
            function_table=functions.table_name,
            run_table=runs.table_name,
            key_table=keys.table_name,
            minute_table=minutes.table_name,
            sandbox_function=sandbox.function_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
            token_keys_parameter=stack.player_tokens,
            functions_path=f"{paths.API_BASE_PATH}{ROUTES.prefix}",
        ),
    )
    functions.grant(api, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem")
    runs.grant(api, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem")
    keys.grant(api, "dynamodb:GetItem", "dynamodb:UpdateItem")
    minutes.grant(api, "dynamodb:UpdateItem")
    api.allow(["lambda:InvokeFunction"], sandbox.function_arn)
    api.allow_origin_lock()
    if stack.player_tokens:
        api.allow_parameter(stack.player_tokens, "GetParameter")
    stack.serve(ROUTES, api)
