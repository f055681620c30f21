"""Where the API lives on the site: config/paths.json and each capability's routes."""

import json
import re
from pathlib import Path
from typing import Final

from lambdas.analytics import routes as analytics
from lambdas.data import routes as data
from lambdas.scores import routes as scores
from lambdas.telemetry import routes as telemetry

_SEGMENTS: Final = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+")


class PathsError(SystemExit):
    def __init__(self, path: str) -> None:
        super().__init__(
            f"config/paths.json: API_BASE_PATH: {path!r}; a path such as /api or /play/v1, "
            "with letters, digits and ._~- after each slash and no slash at the end"
        )


def checked(path: str) -> str:
    if not _SEGMENTS.fullmatch(path):
        raise PathsError(path)
    return path


_PATHS: dict[str, str] = json.loads((Path(__file__).parent / "paths.json").read_text())

API_BASE_PATH: Final = checked(_PATHS["API_BASE_PATH"])
PUT_SCORE: Final = scores.ROUTES.path("put_score", API_BASE_PATH)
GET_RANKING: Final = scores.ROUTES.path("get_ranking", API_BASE_PATH)
TELEMETRY: Final = f"{API_BASE_PATH}{telemetry.ROUTES.prefix}"
DATA: Final = f"{API_BASE_PATH}{data.ROUTES.prefix}"
ANALYTICS_SUMMARY: Final = analytics.ROUTES.path("summary", API_BASE_PATH)
RANKINGS: Final = GET_RANKING.partition("/{")[0]
"""The part of its path that all rankings have."""
