"""Players' display names, as they come in a header."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.names import clean_name

_FIELD: Final = "X-Player"
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def player_name(header: str) -> str:
    return clean_name(_decoded(header), _FIELD)


def _decoded(header: str) -> str:
    if not header.isascii() or _BAD_ESCAPE.search(header):
        raise Malformed(_FIELD, "not percent-encoded; send encodeURIComponent(name)")
    try:
        return unquote_to_bytes(header).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(_FIELD, "not UTF-8; send encodeURIComponent(name)") from None
