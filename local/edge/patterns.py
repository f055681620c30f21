"""Path patterns: * matches any number of characters, ? matches one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_ESCAPE: Final = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    return re.compile("".join(wildcards.get(c) or re.escape(c) for c in pattern), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


def matches_path(pattern: str, uri: str) -> bool:
    return matches(pattern.removeprefix("/"), normalised(uri).removeprefix("/"))


def invalidates(path: str, target: str) -> bool:
    """Only a final asterisk is a wildcard; without one, the query string has to match, too."""
    path, target = path.removeprefix("/"), target.removeprefix("/")
    return target.startswith(path[:-1]) if path.endswith("*") else target == path


def normalised(uri: str) -> str:
    """The RFC 3986 form, which CloudFront matches; it forwards the original."""
    return _without_dots(_ESCAPE.sub(_decoded, uri))


def _decoded(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in (".", ".."):
            kept.append(segment)
    if segments[-1] in (".", "..") and kept[-1:] != [""]:
        kept.append("")
    return "/".join(kept) or "/"
