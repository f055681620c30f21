"""Starts a handler as Lambda does: from its own package and layer only.

The layer for AWS runs here as well, because nothing in it is compiled.
"""

import importlib
import os
import sys
from dataclasses import fields
from pathlib import Path

from config.environments import DELIVERED, LOCAL, Target
from config.manifest import Function
from lambdas.shared.settings import Settings
from stacks.shared.packaging import (
    carried_by,
    function_package,
    interpreter_for,
    library_layer,
)


def target() -> Target:
    """What AWS runs, or this machine where there is no such Python."""
    return DELIVERED.target if interpreter_for(DELIVERED.target.python) else LOCAL.target


def layer() -> Path:
    return library_layer(target()).path / "python"


def package(function: Function) -> Path:
    return function_package(function, target()).path


def command(script: str) -> list[str]:
    """No site packages, and only the given environment."""
    return [interpreter_for(target().python) or sys.executable, "-S", "-P", "-c", script]


def environment(*paths: Path, function: Function | None = None) -> dict[str, str]:
    settings = _settings(function) if function else set()
    return {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONHASHSEED": "0",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        **{setting.upper(): "1" for setting in settings},
    }


def _settings(function: Function) -> set[str]:
    """Every setting of the capabilities whose modules the function carries."""
    folders = {module.rpartition(".")[0] for module in (function.module, *carried_by(function))}
    return {
        setting.name
        for folder in folders
        for kind in vars(importlib.import_module(f"{folder}.settings")).values()
        if isinstance(kind, type) and issubclass(kind, Settings)
        for setting in fields(kind)
    }
