"""The settings of the functions for creators' functions."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class SandboxSettings(Settings):
    """None: the function that runs strangers' code knows nothing."""


@dataclass(frozen=True, kw_only=True)
class FunctionsSettings(Settings):
    function_table: str
    run_table: str
    key_table: str
    minute_table: str
    sandbox_function: str
    origin_lock_parameter: str
    token_keys_parameter: str
    """Of the keys of players' tokens; empty where players do not sign in."""
    functions_path: str
