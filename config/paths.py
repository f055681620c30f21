"""Where the API lives on the site, read from the one file that says so."""

import json
import re
from pathlib import Path
from typing import Final

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
PUT_SCORE: Final = f"{API_BASE_PATH}/scores/{{gameId}}/{{period}}/{{userId}}"
GET_RANKING: Final = f"{API_BASE_PATH}/ranking/{{gameId}}/{{period}}"
TELEMETRY: Final = f"{API_BASE_PATH}/telemetry"
TELEMETRY_ROUTES: Final = ("session", "session/renew", "session/end", "event", "events", "score")
DATA: Final = f"{API_BASE_PATH}/data"
ANALYTICS_SUMMARY: Final = f"{API_BASE_PATH}/analytics/summary"
RANKINGS: Final = f"{API_BASE_PATH}/ranking"
