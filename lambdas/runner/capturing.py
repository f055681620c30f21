"""Takes a few headers, the input and the answer of a run whose function asks for that.

Off by default. Secrets are left out by their names and by their form, and texts are cut.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

HEADERS: Final = ("accept", "accept-language", "content-length", "content-type", "origin")
"""No address, agent, cookie or authorization is among them."""
MOST: Final = 2048
"""Characters of the input, of the answer, and of each header."""
REDACTED: Final = "[redacted]"
_DEEPEST: Final = 16
_SECRET_NAME: Final = re.compile(
    r"pass(word|wd|phrase)|secret|token|api.?key|private.?key|auth|cookie|credential|session|email",
    re.IGNORECASE,
)
_SECRET: Final = re.compile(
    r"hg_live_\w+|agt_\w+|(?:Bearer|Basic)\s+\S+|eyJ[\w-]+\.[\w-]+\.[\w-]*|AKIA[0-9A-Z]{16}"
    r"|-----BEGIN [A-Z ]+-----[\s\S]*"
)


def captured(headers: Mapping[str, str], given: str, answer: str | None) -> dict[str, Any]:
    """Input and answer are JSON texts. A text that was cut is no JSON any more."""
    return {
        "headers": {
            name: _SECRET.sub(REDACTED, headers[name])[:MOST] for name in HEADERS if name in headers
        },
        "input": _text(given),
        "answer": None if answer is None else _text(answer),
    }


def _text(value: str) -> str:
    return json.dumps(_without_secrets(json.loads(value), 0), ensure_ascii=False)[:MOST]


def _without_secrets(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {
            name: REDACTED if _SECRET_NAME.search(name) else _without_secrets(each, depth + 1)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(each, depth + 1) for each in value]
    return _SECRET.sub(REDACTED, value) if isinstance(value, str) else value
