"""Starts a handler as Lambda does: from its own package and layer only.

The common layer for AWS runs here as well, because nothing in it is compiled.
"""

import importlib
import os
import platform
import sys
from dataclasses import replace
from pathlib import Path

from config.environments import DELIVERED, LOCAL, Target, this_machine
from config.manifest import Function
from lambdas.shared.settings import Settings
from stacks.shared.packaging import (
    carried_by,
    function_package,
    further_requirements,
    interpreter_for,
    library_layer,
)


def target() -> Target:
    """What AWS runs, or this machine where there is no such Python."""
    return DELIVERED.target if interpreter_for(DELIVERED.target.python) else LOCAL.target


def layer() -> Path:
    return library_layer(target()).path / "python"


def further_layers(function: Function) -> list[Path]:
    found = map(further_requirements, function.layers)
    return [library_layer(_here(), each).path / "python" for each in found]


def _here() -> Target:
    """For this machine's processor: some of these layers are compiled."""
    delivered, here = target(), this_machine()
    machine = platform.machine()
    linux = sys.platform == "linux"
    wheels = tuple(each.replace("aarch64", machine) for each in delivered.wheels) if linux else ()
    return replace(delivered, architecture=here.architecture, wheels=wheels)


def package(function: Function) -> Path:
    return function_package(function, target()).path


def command(script: str) -> list[str]:
    """No site packages, and only the given environment."""
    return [interpreter_for(target().python) or sys.executable, "-S", "-P", "-c", script]


def environment(*paths: Path, function: Function | None = None) -> dict[str, str]:
    settings = _settings(function) if function else {}
    return {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONHASHSEED": "0",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        **settings,
    }


def _settings(function: Function) -> dict[str, str]:
    """Every setting of the capabilities whose modules the function carries."""
    folders = {module.rpartition(".")[0] for module in (function.module, *carried_by(function))}
    return {
        name: value
        for folder in folders
        for kind in vars(importlib.import_module(f"{folder}.settings")).values()
        if isinstance(kind, type) and issubclass(kind, Settings)
        for name, value in kind.example().items()
    }
