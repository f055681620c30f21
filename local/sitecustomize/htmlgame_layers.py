"""Unpacks each layer once; the emulator unpacks its 2,000 files for every worker."""

import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

_extract = zipfile.ZipFile.extractall
_names = zipfile.ZipFile.namelist


def unpack_layers_once() -> None:
    zipfile.ZipFile.extractall = _extract_or_link  # type: ignore[method-assign, assignment]
    zipfile.ZipFile.namelist = _names_to_check  # type: ignore[method-assign, assignment]


def _extract_or_link(archive: zipfile.ZipFile, path: Any = None, *rest: Any) -> None:
    if path is not None and _is_layer(archive):
        for each in _unpacked(archive).iterdir():
            (Path(path) / each.name).symlink_to(each)
    else:
        _extract(archive, path, *rest)


def _names_to_check(archive: zipfile.ZipFile) -> list[str]:
    """None of a layer's: where a file may go is looked at as it is unpacked."""
    return [] if _is_layer(archive) else _names(archive)


def _is_layer(archive: zipfile.ZipFile) -> bool:
    return bool(archive.filename) and Path(str(archive.filename)).name.startswith("layer_")


def _unpacked(archive: zipfile.ZipFile) -> Path:
    held = [(each.filename, each.CRC, each.file_size) for each in archive.infolist()]
    finished = Path(tempfile.gettempdir()) / f"unpacked-{_digest(held)}"
    if not finished.is_dir():
        working = Path(tempfile.mkdtemp(prefix="unpacking-"))
        _extract(archive, working, _names(archive))
        try:
            working.rename(finished)
        except OSError:  # another worker was faster
            shutil.rmtree(working)
    return finished


def _digest(held: object) -> str:
    return hashlib.sha256(repr(held).encode()).hexdigest()
