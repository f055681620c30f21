"""Builds the function for the data that games keep for their players."""

from config import names, paths
from config.capabilities import data
from config.capabilities.data import Data
from config.settings import VisitorRates
from lambdas.data.routes import CREATOR_ROUTES, ROUTES
from lambdas.data.settings import DataSettings
from lambdas.shared.records.audit import audit_partition
from lambdas.shared.records.table import project_key
from stacks.shared.capability_stack import CapabilityStack


def build(stack: CapabilityStack) -> None:
    limits = stack.settings.settings(Data)
    visitors = stack.settings.settings(VisitorRates)
    table = stack.table_of(data.CAPABILITY, data.TABLE)
    rates, projects = stack.table("rates"), stack.table("projects")
    function = stack.function(
        data.API,
        DataSettings(
            data_table=table.table_name,
            rate_table=rates.table_name,
            creator_table=projects.table_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
            token_keys_parameter=names.TOKEN_KEYS,
            data_path=f"{paths.API_BASE_PATH}{ROUTES.prefix}",
            api_base_path=paths.API_BASE_PATH,
            items_a_project=limits.items_a_project,
            undeclared_collections=int(limits.undeclared_collections),
            gateway_hops=0 if stack.settings.is_local else 1,
            address_requests_a_minute=visitors.address_requests_a_minute,
            session_requests_a_minute=visitors.session_requests_a_minute,
        ),
    )
    table.grant(
        function,
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    )
    rates.grant(function, "dynamodb:UpdateItem")
    function.allow_items(projects, ("GetItem",), (project_key("*")["PK"],))
    function.allow_items(projects, ("PutItem",), (audit_partition("*", "*"),))
    function.allow_origin_lock()
    function.allow_reading_together(names.ORIGIN_LOCK_HASHES, names.TOKEN_KEYS)
    function.node.add_dependency(stack.node.find_child("TokenKeys"))
    stack.serve(ROUTES, function)
    stack.serve(CREATOR_ROUTES, function, signed_in=True)
