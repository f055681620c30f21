"""Uploaded bytes: each function and the layer, for AWS."""

import io
import zipfile
from pathlib import Path

from bench.report import table
from config.environments import DELIVERED
from config.manifests import FUNCTIONS
from stacks.shared.packaging import function_package, library_layer


def run() -> None:
    paths = {each.name: function_package(each, DELIVERED.target).path for each in FUNCTIONS}
    paths["layer"] = library_layer(DELIVERED.target).path
    table(
        "Packages for AWS",
        ["package", "zipped", "unzipped", "files"],
        [(name, *_measure(path)) for name, path in paths.items()],
    )


def _measure(directory: Path) -> tuple[str, str, int]:
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(directory))
    unzipped = sum(path.stat().st_size for path in files)
    return f"{len(buffer.getvalue()):,}", f"{unzipped:,}", len(files)
