"""Packs a folder in the job that builds it, and unpacks it in the job that deploys it.

    python3 -m operations.ci.built pack cdk.out/deploy FILE      writes sha256 to GITHUB_OUTPUT
    python3 -m operations.ci.built unpack cdk.out/deploy FILE    compares it with SHA256

Any job of a run can replace the artifacts of that run, but none can change the outputs of
another job. So the digest travels as an output. Standard library alone.
"""

import hashlib
import os
import shutil
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path


class NotAsBuilt(Exception):
    """Why a file is not the one that the build wrote."""


def pack(folder: Path, file: Path) -> str:
    """Returns the digest of the file that it writes."""
    with tarfile.open(file, "w") as archive:
        archive.add(folder, arcname=".")
    return _digest(file)


def unpack(folder: Path, file: Path, expected: str) -> None:
    found = _digest(file)
    if found != expected:
        raise NotAsBuilt(
            f"{file.name} has sha256 {found}, and the build wrote {expected or 'none'}"
        )
    shutil.rmtree(folder, ignore_errors=True)
    with tarfile.open(file) as archive:
        _extract(archive, folder)


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    if hasattr(tarfile, "data_filter"):
        archive.extractall(folder, filter="data")
        return
    # Python 3.11 has the filter from 3.11.4 on, and Debian 12 has 3.11.2.
    inside = folder.resolve()
    for member in archive.getmembers():
        place = (inside / member.name).resolve()
        if not (member.isfile() or member.isdir()) or not place.is_relative_to(inside):
            raise NotAsBuilt(f"{member.name} is no file or folder within the archive")
    archive.extractall(folder)  # noqa: S202


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    match arguments:
        case ["pack", folder, file]:
            digest = pack(Path(folder), Path(file))
            with Path(environment["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
                outputs.write(f"sha256={digest}\n")
        case ["unpack", folder, file]:
            unpack(Path(folder), Path(file), environment.get("SHA256", ""))
        case _:
            sys.exit("one of: pack FOLDER FILE, unpack FOLDER FILE")


if __name__ == "__main__":
    try:
        main(sys.argv[1:], os.environ)
    except NotAsBuilt as error:
        sys.exit(str(error))
