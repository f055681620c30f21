"""Builds the functions that receive and count what games send, and the keys of their sessions."""

from aws_cdk import CustomResource

from config import names, paths
from config.capabilities import telemetry
from config.capabilities.telemetry import Telemetry
from lambdas.telemetry.routes import ROUTES
from lambdas.telemetry.settings import CountSettings, IngestSettings, KeysSettings
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.custom_resource import custom_resource


def build(stack: CapabilityStack) -> None:
    keys = _keys(stack)
    _ingest(stack, keys)
    _count(stack)


def _keys(stack: CapabilityStack) -> CustomResource:
    keeper = stack.function(
        telemetry.KEYS,
        KeysSettings(
            token_keys_parameter=names.TOKEN_KEYS,
            hash_key_parameter=names.HASH_KEY,
            keep_hash_key=int(stack.settings.keep_data),
        ),
    )
    keeper.allow_parameter(names.TOKEN_KEYS, "GetParameter", "PutParameter", "DeleteParameter")
    keeper.allow_parameter(names.HASH_KEY, "PutParameter", "DeleteParameter")
    return custom_resource(stack, "TokenKeys", keeper, provider="KeysProvider")


def _ingest(stack: CapabilityStack, keys: CustomResource) -> None:
    settings = stack.settings.settings(Telemetry)
    table, rates, projects = (stack.table(each) for each in ("sessions", "rates", "projects"))
    ingest = stack.function(
        telemetry.INGEST,
        IngestSettings(
            telemetry_table=table.table_name,
            rate_table=rates.table_name,
            creator_table=projects.table_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
            token_keys_parameter=names.TOKEN_KEYS,
            hash_key_parameter=names.HASH_KEY,
            telemetry_path=f"{paths.API_BASE_PATH}{ROUTES.prefix}",
            address_requests_a_minute=settings.address_requests_a_minute,
            session_requests_a_minute=settings.session_requests_a_minute,
            gateway_hops=0 if stack.settings.is_local else 1,
        ),
    )
    table.grant(ingest, "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem")
    rates.grant(ingest, "dynamodb:UpdateItem")
    projects.grant(ingest, "dynamodb:GetItem")
    ingest.allow_origin_lock()
    ingest.allow_reading_together(names.ORIGIN_LOCK_HASHES, names.TOKEN_KEYS, names.HASH_KEY)
    ingest.node.add_dependency(keys)
    stack.serve(ROUTES, ingest)


def _count(stack: CapabilityStack) -> None:
    table = stack.table("counters")
    count = stack.function(telemetry.COUNT, CountSettings(telemetry_table=table.table_name))
    table.grant(count, "dynamodb:GetItem", "dynamodb:PutItem")
    stack.read_stream(
        count,
        "sessions",
        batch_size=1000,
        window_seconds=stack.settings.settings(Telemetry).count_window_seconds,
    )
