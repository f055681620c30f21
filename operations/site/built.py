"""The site in a folder: built without credentials, and uploaded without tools that build."""

import shutil
from pathlib import Path

from operations.site.files import SiteError, SiteFile, content_type, site_files


def write(folder: Path, files: dict[str, SiteFile] | None = None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for key, file in (files or site_files()).items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)


def read(folder: Path) -> dict[str, SiteFile]:
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    files = {
        key: SiteFile(path.read_bytes(), content_type(path))
        for key, path in paths.items()
        if path.is_file()
    }
    if not files:
        raise SiteError(f"{folder} has no built site; fix: make build-site")
    return files
