"""Builds the function for creators' projects, audit and erasures."""

from config import names, paths
from config.capabilities import creators
from config.manifests import eraser
from lambdas.creators.routes import ROUTES
from lambdas.creators.settings import ProjectsSettings
from stacks.shared.capability_stack import CapabilityStack


def build(stack: CapabilityStack) -> None:
    table = stack.table_of(creators.CAPABILITY, creators.TABLE)
    function = stack.function(
        creators.API,
        ProjectsSettings(
            creator_table=table.table_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
            hash_key_parameter=names.HASH_KEY,
            api_base_path=paths.API_BASE_PATH,
            erase_function=eraser().name,
        ),
    )
    table.grant(
        function,
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
    )
    function.allow_origin_lock()
    function.allow_reading_together(names.ORIGIN_LOCK_HASHES, names.HASH_KEY)
    function.allow(["lambda:InvokeFunction"], stack.function_arn(eraser()))
    stack.serve(ROUTES, function, signed_in=True)
