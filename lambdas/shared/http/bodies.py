"""Reads a request's body as strict JSON, and writes JSON texts to store."""

import json
from collections.abc import Collection
from typing import Any, Final, NoReturn

from lambdas.shared.http.errors import Malformed

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def object_in(body: bytes, *, most_bytes: int, fields: Collection[str]) -> dict[str, Any]:
    """Ignores the content type: a browser's beacon can only send plain text."""
    if len(body) > most_bytes:
        raise Malformed("body", f"{len(body)} bytes; at most {most_bytes}")
    content = json_in(body)
    if not isinstance(content, dict):
        raise Malformed("body", "not a JSON object")
    refuse_unknown(content, fields)
    return content


def refuse_unknown(content: dict[str, Any], fields: Collection[str], where: str = "") -> None:
    unknown = next((name for name in content if name not in fields), None)
    if unknown is not None:
        raise Malformed(f"{where}{unknown[:40]!r}", f"unknown; there are {', '.join(fields)}")


def kept_object(field: str, value: Any, most_bytes: int) -> str:
    """The object as compact JSON; an empty one where it is absent or null."""
    if value is None:
        return "{}"
    if not isinstance(value, dict):
        raise Malformed(field, "not a JSON object")
    try:
        text = _encode(value)
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Malformed(field, "holds half of a surrogate pair, which is not a character") from None
    except (ValueError, RecursionError):
        raise Malformed(field, "a number is too large, or it is nested too deeply") from None
    if size > most_bytes:
        raise Malformed(field, f"{size} bytes as JSON; at most {most_bytes}")
    return text


def json_in(body: bytes) -> Any:
    """Refuses what RFC 8259 does: other encodings, a byte-order mark, and numbers such as NaN."""
    try:
        # json.loads guesses the encoding of bytes; of text it refuses a byte-order mark.
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed("body", "not JSON") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
