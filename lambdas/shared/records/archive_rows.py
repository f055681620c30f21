"""A row of the archive, and its line of JSON."""

import json
from collections.abc import Mapping
from typing import Any, Final

Row = Mapping[str, Any]
"""Its project and day decide its folder."""

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def line_of(row: Row) -> bytes:
    return _encode(row).encode()
