"""The path below which the site serves the API: config/paths.json."""

import json
import re
from pathlib import Path
from typing import Final

from config.model import ConfigError

_FILE: Final = "config/paths.json"
_SEGMENTS: Final = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+")


def checked(path: str) -> str:
    if not _SEGMENTS.fullmatch(path):
        raise ConfigError(
            _FILE,
            "API_BASE_PATH",
            f"{path!r}; a path such as /api or /play/v1, with letters, digits and ._~- after each "
            "slash and no slash at the end",
        )
    return path


_PATHS: dict[str, str] = json.loads((Path(__file__).parent / "paths.json").read_text())

API_BASE_PATH: Final = checked(_PATHS["API_BASE_PATH"])
