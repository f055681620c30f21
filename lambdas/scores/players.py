"""Players' display names, cleaned for everyone else to see."""

import re
import unicodedata
from typing import Final
from urllib.parse import unquote_to_bytes

from lambdas.shared.http.errors import Malformed

LONGEST_NAME: Final = 24
_FIELD: Final = "X-Player"
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SPACES: Final = re.compile(r"\s+")
_STRIPPED_CATEGORIES: Final = {"Cc", "Cf", "Cn", "Co", "Cs"}
_INVISIBLE: Final = {
    *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U0001d159",
    *map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]),
}
"""Letters and marks that are invisible, including variation selectors."""


def player_name(header: str) -> str:
    return clean_name(_decoded(header))


def _decoded(header: str) -> str:
    if not header.isascii() or _BAD_ESCAPE.search(header):
        raise Malformed(_FIELD, "not percent-encoded; send encodeURIComponent(name)")
    try:
        return unquote_to_bytes(header).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(_FIELD, "not UTF-8; send encodeURIComponent(name)") from None


def clean_name(raw: str, field: str = _FIELD) -> str:
    """NFKC, nothing that hides or reorders text, single spaces, 1 to 24 characters."""
    spaced = _SPACES.sub(" ", raw)
    visible = "".join(filter(_shows, unicodedata.normalize("NFKC", spaced)))
    name = _SPACES.sub(" ", unicodedata.normalize("NFKC", visible)).strip()
    if all(unicodedata.category(character)[0] in "MZ" for character in name):
        raise Malformed(field, "no visible character; give 1 to 24 characters")
    if len(name) > LONGEST_NAME:
        raise Malformed(field, f"{len(name)} characters; at most {LONGEST_NAME}")
    return name


def _shows(character: str) -> bool:
    return (
        character not in _INVISIBLE and unicodedata.category(character) not in _STRIPPED_CATEGORIES
    )
