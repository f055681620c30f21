"""A request's body as strict JSON, and JSON texts as they are kept."""

import json
from collections.abc import Collection
from typing import Any, Final, NoReturn

from lambdas.shared.http.errors import Malformed

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def object_in(body: bytes, *, most_bytes: int, fields: Collection[str]) -> dict[str, Any]:
    """Whatever the content type says: a beacon can send nothing but plain text."""
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
    """An object as compact JSON; absent or null means an empty one."""
    if value is None:
        return "{}"
    if not isinstance(value, dict):
        raise Malformed(field, "not a JSON object")
    try:
        text = _encode(value)
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Malformed(field, "half of a surrogate pair is no character") from None
    except (ValueError, RecursionError):
        raise Malformed(field, "a number is too large, or it is nested too deeply") from None
    if size > most_bytes:
        raise Malformed(field, f"{size} bytes as JSON; at most {most_bytes}")
    return text


def json_in(body: bytes) -> Any:
    """Numbers that JSON has not, such as NaN, are refused."""
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed("body", "not JSON") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
