"""A row of the archive, and the line of JSON that holds it."""

import json
from collections.abc import Mapping
from typing import Any, Final

Row = Mapping[str, Any]
"""Its project and its day say where it belongs; the rest is what there is to read."""

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def line_of(row: Row) -> bytes:
    return _encode(row).encode()
