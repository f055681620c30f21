"""Files of the make dev that runs in this folder."""

from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]
DIRECTORY: Final = _ROOT / ".local" / "dev"
PORT_FILE: Final = DIRECTORY / "port"
READY_FILE: Final = DIRECTORY / "ready"


def running_port(directory: Path = DIRECTORY) -> int | None:
    """The local cloud's port; None if none is ready."""
    ready, port = directory / READY_FILE.name, directory / PORT_FILE.name
    return int(port.read_text()) if ready.exists() and port.exists() else None
