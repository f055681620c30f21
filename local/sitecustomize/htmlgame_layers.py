"""Unpacks each layer once; the emulator unpacks its 2,000 files for every worker."""

import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

_extract = zipfile.ZipFile.extractall


def unpack_layers_once() -> None:
    zipfile.ZipFile.extractall = _extract_or_link  # type: ignore[method-assign, assignment]


def _extract_or_link(archive: zipfile.ZipFile, path: Any = None, *rest: Any) -> None:
    if archive.filename and path is not None and Path(path).name.startswith("layer_"):
        for each in _unpacked(archive, Path(archive.filename)).iterdir():
            (Path(path) / each.name).symlink_to(each)
    else:
        _extract(archive, path, *rest)


def _unpacked(archive: zipfile.ZipFile, file: Path) -> Path:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    finished = Path(tempfile.gettempdir()) / f"unpacked-{digest}"
    if not finished.is_dir():
        working = Path(tempfile.mkdtemp(prefix="unpacking-"))
        _extract(archive, working)
        try:
            working.rename(finished)
        except OSError:  # another worker was faster
            shutil.rmtree(working)
    return finished
