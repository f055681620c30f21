"""Files that outlive the program. Only root may read them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

CONFIG = "config.json"


def write_private(path: Path, text: str) -> None:
    """Replaces the file at once, so that a crash leaves the old one or the new one."""
    new = path.with_name(path.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def keep(state: Path, name: str, content: dict[str, Any]) -> None:
    write_private(state / name, json.dumps(content))


def kept(state: Path, name: str) -> dict[str, Any] | None:
    """None where there is nothing that can be read."""
    try:
        content = json.loads((state / name).read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
