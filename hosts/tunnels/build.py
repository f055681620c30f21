"""Builds the zipapp. The same sources give the same bytes on every machine."""

import io
import zipfile
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_SOURCES: Final = _HERE / "program"
_PACKAGE: Final = "htmlgame_tunnel"
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE: Final = 0o100644 << 16
_UNIX: Final = 3


def program() -> bytes:
    archive = io.BytesIO(b"#!/usr/bin/env python3\n")
    archive.seek(0, io.SEEK_END)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_STORED) as zipped:
        for path in sorted(_SOURCES.glob("*.py"), key=lambda path: path.name):
            name = path.name if path.name == "__main__.py" else f"{_PACKAGE}/{path.name}"
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr, entry.create_system = _PLAIN_FILE, _UNIX
            zipped.writestr(entry, path.read_bytes())
    return archive.getvalue()


def installer() -> bytes:
    return (_HERE / "install.sh").read_bytes()
