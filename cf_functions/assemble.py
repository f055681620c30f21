"""Makes of each function the one source that is uploaded."""

from __future__ import annotations

from pathlib import Path

from cf_functions.link import link
from cf_functions.minify import minify
from config.paths import API_BASE_PATH, checked

ROOT = Path(__file__).resolve().parent
NAMES = ("get_start", "get_end", "validate")
MAX_BYTES = 10_240
_API = "const API = '{}';"
_DEFAULT_API = "/api"


class TooLargeError(Exception):
    def __init__(self, name: str, size: int) -> None:
        super().__init__(
            f"cf_functions/{name}: {size:,} bytes minified, and CloudFront takes"
            f" {MAX_BYTES:,} at most; the quota cannot be raised"
        )


def assemble(name: str, *, api: str = API_BASE_PATH) -> str:
    """The source of one function as it is uploaded."""
    source = minify(linked(name, api=api))
    size = len(source.encode())
    if size > MAX_BYTES:
        raise TooLargeError(name, size)
    return source


def linked(name: str, *, api: str = API_BASE_PATH) -> str:
    """The same in full, for those who read it."""
    if name not in NAMES:
        raise ValueError(f"no function is called {name!r}; there are {', '.join(NAMES)}")
    source = link(ROOT / name / "function.js")
    return source.replace(_API.format(_DEFAULT_API), _API.format(checked(api)))


def main() -> None:
    for name in NAMES:
        print(f"{name:<10} {len(assemble(name).encode()):>6,} bytes of {MAX_BYTES:,}")


if __name__ == "__main__":
    main()
