"""Starts a handler as Lambda does: from its own package and layer, with nothing else in reach."""

import os
import sys
from dataclasses import fields
from pathlib import Path

from config import functions
from config.environments import LOCAL
from config.functions import Function
from lambdas.analytics.settings import AnalyticsSettings
from lambdas.archive.settings import ArchivePruneSettings, ArchiveReturnSettings
from lambdas.creators.settings import ProjectsSettings
from lambdas.data.settings import DataSettings
from lambdas.edge.settings import (
    OriginLockSettings,
    PatchSettings,
    RotationSettings,
    StoreSettings,
)
from lambdas.erasure.settings import EraseSettings
from lambdas.scores.settings import GetRankingSettings, PutScoreSettings, TrimTopSettings
from lambdas.secrets.settings import ResolveEnvSettings, SecretsSettings
from lambdas.shared.settings import Settings
from lambdas.telemetry.settings import ArchiveSettings, CountSettings, IngestSettings, KeysSettings
from stacks.constructs.packaging import function_package, library_layer

SETTINGS: dict[Function, type[Settings]] = {
    functions.PUT_SCORE: PutScoreSettings,
    functions.GET_RANKING: GetRankingSettings,
    functions.TRIM_TOP: TrimTopSettings,
    functions.ORIGIN_LOCK_KEEPER: OriginLockSettings,
    functions.STORE_KEEPER: StoreSettings,
    functions.DISTRIBUTION_PATCH: PatchSettings,
    functions.DRIFT_GUARD: PatchSettings,
    functions.ROTATE_KEYS: RotationSettings,
    functions.TELEMETRY_INGEST: IngestSettings,
    functions.TELEMETRY_DATA: DataSettings,
    functions.TELEMETRY_COUNT: CountSettings,
    functions.TELEMETRY_ANALYTICS: AnalyticsSettings,
    functions.TELEMETRY_KEYS: KeysSettings,
    functions.TELEMETRY_PROJECTS: ProjectsSettings,
    functions.TELEMETRY_SECRETS: SecretsSettings,
    functions.TELEMETRY_ERASE: EraseSettings,
    functions.RESOLVE_ENV: ResolveEnvSettings,
    functions.ARCHIVE: ArchiveSettings,
    functions.ARCHIVE_RETURN: ArchiveReturnSettings,
    functions.ARCHIVE_PRUNE: ArchivePruneSettings,
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
