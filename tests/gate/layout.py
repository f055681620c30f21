"""JSON laid out for review: what fits on a line is on one line."""

import json
from collections.abc import Iterator
from typing import Any, Final

_WIDTH: Final = 120
_INDENT: Final = "  "


def laid_out(document: Any, width: int = _WIDTH) -> str:
    return "".join(f"{line}\n" for line in _lines(document, "", "", width))


def _lines(value: Any, before: str, indent: str, width: int) -> Iterator[str]:
    short = f"{indent}{before}{_dumped(value)}"
    if not value or not isinstance(value, dict | list) or len(short) <= width:
        yield short
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{before}{opening}"
    members = (
        [(f"{_dumped(name)}: ", each) for name, each in value.items()]
        if isinstance(value, dict)
        else [("", each) for each in value]
    )
    for number, (name, each) in enumerate(members, 1):
        *lines, last = _lines(each, name, indent + _INDENT, width)
        yield from lines
        yield last if number == len(members) else f"{last},"
    yield f"{indent}{closing}"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
