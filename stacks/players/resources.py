"""Builds the functions of players, and the keys that they sign with."""

import json
from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import CustomResource

from config import names, paths
from config.capabilities import players
from config.capabilities.players import Players
from lambdas.players.routes import CHAT, ME, ROUTES, SIGN_IN
from lambdas.players.settings import (
    ChatSettings,
    EraseSettings,
    KeysSettings,
    MeSettings,
    RankSettings,
    SignInSettings,
)
from stacks.shared.acknowledge import acknowledge
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.custom_resource import custom_resource
from stacks.shared.python_function import PythonFunction
from stacks.shared.tables_settings import settings_of

_CHANGES_ACCOUNTS: Final = (
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
)
_DESCRIBE: Final = "DescribeTable"
"""It is about no item, so a condition on keys would refuse it."""
_MAKES_ACCOUNTS: Final = ("sign_in", "session")
_RANKINGS: Final = "ranking/*"


def build(stack: CapabilityStack) -> None:
    keys = _keys(stack)
    for function in (_sign_in(stack), _me(stack), _chat(stack)):
        function.node.add_dependency(keys)
    _rank(stack)
    _erase(stack)


def _keys(stack: CapabilityStack) -> CustomResource:
    keeper = stack.function(
        players.KEYS,
        KeysSettings(
            token_keys_parameter=players.TOKEN_KEYS,
            player_secret_parameter=players.PLAYER_SECRET,
            keep_player_secret=int(stack.settings.keep_data),
        ),
    )
    keeper.allow_parameter(players.TOKEN_KEYS, "GetParameter", "PutParameter", "DeleteParameter")
    keeper.allow_parameter(players.PLAYER_SECRET, "PutParameter", "DeleteParameter")
    return custom_resource(stack, "TokenKeys", keeper, provider="KeysProvider")


def _sign_in(stack: CapabilityStack) -> PythonFunction:
    settings = stack.settings.settings(Players)
    function = stack.function(
        players.SIGN_IN,
        SignInSettings(
            **_common(stack),
            player_secret_parameter=players.PLAYER_SECRET,
            persons_function=players.ERASE.name,
            providers=_json(settings.providers()),
        ),
    )
    _grant(stack, function, *_CHANGES_ACCOUNTS)
    function.allow_origin_lock()
    function.allow_reading_together(
        names.ORIGIN_LOCK_HASHES, players.TOKEN_KEYS, players.PLAYER_SECRET
    )
    function.allow(["lambda:InvokeFunction"], stack.function_arn(players.ERASE))
    if settings.x is not None:
        function.allow_parameter(players.X_SECRET, "GetParameter")
    _serve(stack, function, SIGN_IN)
    return function


def _me(stack: CapabilityStack) -> PythonFunction:
    settings = stack.settings.settings(Players)
    function = stack.function(
        players.ME,
        MeSettings(
            **_common(stack),
            boards_address=stack.address_of(_RANKINGS),
            persons_function=players.ERASE.name,
            rewards=_json({str(rank): points for rank, points in settings.rewards.items()}),
        ),
    )
    _grant(stack, function, *_CHANGES_ACCOUNTS)
    function.allow(["lambda:InvokeFunction"], stack.function_arn(players.ERASE))
    function.allow_origin_lock()
    function.allow_reading_together(names.ORIGIN_LOCK_HASHES, players.TOKEN_KEYS)
    stack.serve(ROUTES, function, *ME)
    return function


def _chat(stack: CapabilityStack) -> PythonFunction:
    character = stack.settings.settings(Players).character
    function = stack.function(
        players.CHAT,
        ChatSettings(
            **_common(stack),
            player_secret_parameter=players.PLAYER_SECRET,
            model_id=character.model,
            guardrail=character.guardrail,
            messages_a_day=character.messages_a_day,
            model_calls_a_day=character.calls_a_day,
            most_tokens=character.most_tokens,
            message_days=character.message_days,
            guests=int(character.guests),
        ),
    )
    _grant(
        stack,
        function,
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:ConditionCheckItem",
    )
    function.allow_origin_lock()
    function.allow_reading_together(
        names.ORIGIN_LOCK_HASHES, players.TOKEN_KEYS, players.PLAYER_SECRET
    )
    _allow_model(stack, function, character.model, character.guardrail)
    _serve(stack, function, CHAT)
    return function


def _allow_model(
    stack: CapabilityStack, function: PythonFunction, model: str, guardrail: str
) -> None:
    """A profile needs a grant on itself, and on its model in every region that it chooses from."""
    if not model:
        return
    first, _, rest = model.partition(".")
    is_profile = first in _PROFILES
    bare = rest if is_profile else model
    region = "*" if is_profile else stack.region
    model_arn = stack.format_arn(
        service="bedrock",
        region=region,
        account="",
        resource="foundation-model",
        resource_name=bare,
    )
    arns = [
        model_arn,
        stack.format_arn(service="bedrock", resource="project", resource_name="default"),
    ]
    if is_profile:
        arns.append(
            stack.format_arn(service="bedrock", resource="inference-profile", resource_name=model)
        )
        why = "The profile chooses the region of each call."
        # The partition has a name where config names the region.
        for partition in ("<AWS::Partition>", "aws"):
            granted = f"arn:{partition}:bedrock:*::foundation-model/{bare}"
            acknowledge(function.own_role, {f"AwsSolutions-IAM5[Resource::{granted}]": why})
    function.allow(["bedrock:InvokeModel"], *arns)
    if guardrail:
        identifier = guardrail.partition(":")[0]
        function.allow(
            ["bedrock:ApplyGuardrail"],
            stack.format_arn(service="bedrock", resource="guardrail", resource_name=identifier),
        )


_PROFILES: Final = {"us", "eu", "apac", "au", "jp", "ca", "us-gov", "global"}
"""The first part of a profile's id says where its regions are."""


def _rank(stack: CapabilityStack) -> None:
    table = stack.table_of(players.CAPABILITY, players.TABLE)
    function = stack.function(players.RANK, RankSettings(player_table=table.table_name))
    _grant(
        stack,
        function,
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
    )
    stack.read_stream(function, "accounts", batch_size=100, window_seconds=1)


def _erase(stack: CapabilityStack) -> None:
    """In the tables of every capability that holds something of a person."""
    tables, followers = stack.forgettable_tables(), stack.followers_of_forgetting()
    hashes = stack.player_hashes
    own = EraseSettings(hash_key_parameter=hashes)
    function = stack.function(
        players.ERASE, [own, *settings_of(tables, "ForgettableSettings", followers)]
    )
    if hashes:
        function.allow_parameter(hashes, "GetParameter")
    function.allow(["lambda:InvokeFunction"], *(stack.function_arn(each) for _, each in followers))
    for _, table, made in tables:
        of_items = [each for each in table.forgetter_may if each != _DESCRIBE]
        function.allow_items(made, of_items, table.forgetter_reaches)
        if _DESCRIBE in table.forgetter_may:
            made.grant(function, f"dynamodb:{_DESCRIBE}")


def _common(stack: CapabilityStack) -> dict[str, Any]:
    return {
        "player_table": stack.table_of(players.CAPABILITY, players.TABLE).table_name,
        "origin_lock_parameter": names.ORIGIN_LOCK,
        "token_keys_parameter": players.TOKEN_KEYS,
        "api_base_path": paths.API_BASE_PATH,
        "levels": ",".join(map(str, stack.settings.settings(Players).levels)),
    }


def _serve(stack: CapabilityStack, function: PythonFunction, routes: Sequence[str]) -> None:
    """Routes that make accounts have a throttle of their own."""
    throttle = stack.settings.settings(Players).new_accounts
    for route in routes:
        stack.serve(
            ROUTES, function, route, throttle=throttle if route in _MAKES_ACCOUNTS else None
        )


def _grant(stack: CapabilityStack, function: PythonFunction, *actions: str) -> None:
    stack.table_of(players.CAPABILITY, players.TABLE).grant(function, *actions)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
