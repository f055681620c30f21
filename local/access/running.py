"""Files of the make dev that runs in this folder."""

from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]
DIRECTORY: Final = _ROOT / ".local" / "dev"
PORT_FILE: Final = DIRECTORY / "port"
READY_FILE: Final = DIRECTORY / "ready"
"""It has the address of the site."""


def running_port(directory: Path = DIRECTORY) -> int | None:
    """The local cloud's port; None if none is ready."""
    ready, port = directory / READY_FILE.name, directory / PORT_FILE.name
    return int(port.read_text()) if ready.exists() and port.exists() else None


def running_site(directory: Path = DIRECTORY) -> str:
    """The local edge's address; the usual one where none is ready."""
    ready = directory / READY_FILE.name
    return (ready.read_text().strip() if ready.exists() else "") or "http://localhost:8000"
