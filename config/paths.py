"""Where the API lives on the site, read from the one file that says so."""

import json
from pathlib import Path
from typing import Final

_PATHS: dict[str, str] = json.loads((Path(__file__).parent / "paths.json").read_text())

API_BASE_PATH: Final = _PATHS["API_BASE_PATH"]
PUT_SCORE: Final = f"{API_BASE_PATH}/scores/{{gameId}}/{{period}}/{{userId}}"
GET_RANKING: Final = f"{API_BASE_PATH}/ranking/{{gameId}}/{{period}}"
RANKINGS: Final = f"{API_BASE_PATH}/ranking"
