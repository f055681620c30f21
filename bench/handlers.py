"""Starts a handler as Lambda does: from its own package and layer, with nothing else in reach."""

import os
import sys
from dataclasses import fields
from pathlib import Path

from config.environments import LOCAL
from config.functions import GET_RANKING, ORIGIN_LOCK_KEEPER, PUT_SCORE, TRIM_TOP, Function
from lambdas.edge.settings import OriginLockSettings
from lambdas.scores.settings import GetRankingSettings, PutScoreSettings, TrimTopSettings
from stacks.constructs.packaging import function_package, library_layer

SETTINGS = {
    PUT_SCORE: PutScoreSettings,
    GET_RANKING: GetRankingSettings,
    TRIM_TOP: TrimTopSettings,
    ORIGIN_LOCK_KEEPER: OriginLockSettings,
}


def layer() -> Path:
    return library_layer(LOCAL.target).path / "python"


def package(function: Function) -> Path:
    return function_package(function, LOCAL.target).path


def command(script: str) -> list[str]:
    """No site packages, no environment but what is passed."""
    return [sys.executable, "-S", "-P", "-c", script]


def environment(*paths: Path, function: Function | None = None) -> dict[str, str]:
    settings = fields(SETTINGS[function]) if function else ()
    return {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONHASHSEED": "0",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        **{setting.name.upper(): "1" for setting in settings},
    }
