"""Takes out of texts what identifies a person, and what opens a door.

`forms` finds what has a form of its own: addresses, keys, ids, agents, paths of users. Names have
none, so `values` also takes out all that a text quotes, because that is how values come into
messages. `stack` keeps the frames of a traceback, which are code.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address
from typing import Any, Final

_ASSIGNED: Final = (
    r"(?i)\b(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|authorization|cookie|session)"
    r"[\"']?\s{0,3}[=:]\s{0,3}[\"']?[^\s,;&'\"}\])]+"
)
_SECRETS: Final = (
    (
        r"-----BEGIN [A-Z ]{1,40}-----(?:[^-]|-(?!----END ))*(?:-----END [A-Z ]{1,40}-----)?",
        "[key]",
    ),
    (r"\b(?:Bearer|Basic|Digest)\s{1,3}[^\s,;'\"]+", "[key]"),
    (r"\beyJ[\w-]+\.[\w-]*(?:\.[\w-]*)?", "[key]"),
    (r"\b(?:hg_live|agt|gtw|sk|pk|rk|gh[opsu]|github_pat|xox[a-z])[_-][\w-]{6,}", "[key]"),
    (r"\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{12,}", "[key]"),
    (_ASSIGNED, "[key]"),
)
_PEOPLE: Final = (
    (r"(?<=://)[^/\s@'\"]{1,200}@", "[name]@"),
    (r"[\w.!#$%&*+/=?^{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", "[email]"),
    (
        r"[^\s@'\"<>(),;:]{1,64}@[^\s@'\"<>(),;:.]{1,63}(?:\.[^\s@'\"<>(),;:.]{1,63}){1,8}",
        "[email]",
    ),
    (r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?!\.?\d)", "[address]"),
    (r"\bMozilla/[^\n'\"]*", "[agent]"),
    (r"\b[A-Za-z][\w.-]{0,40}/\d[\w.]{0,20}\s{1,3}\([^)\n]{0,200}\)[^\n'\"]*", "[agent]"),
    (r"(?i)\b(?:curl|wget|python-requests|python-urllib3?|okhttp|axios)/[\w.]+", "[agent]"),
    (r"(?i)(/home/|/users/)[^/\s'\":]+", r"\1[name]"),
    (r"(?i)(\\users\\)[^\\\s'\":]+", r"\1[name]"),
    (r"(?<=[\w/])\?[^\s'\"<>=&?]{1,64}=[^\s'\"<>]*", "?[query]"),
)
_UUID: Final = re.compile(r"(?i)\b[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b")
_NUMBER: Final = re.compile(r"\+?\d(?:[ ()-]{0,2}\d){6,}")
_LONG: Final = re.compile(r"[\w+=-]{20,}")
"""With digits among its letters it is an id or a key. Names in code seldom have any."""
_COLONS: Final = re.compile(r"(?<!\w)[0-9A-Fa-f:.]{2,60}(?:%\w{1,20})?")
_QUOTED: Final = re.compile(
    r"'(?:\\.|[^'\\\n])*'(?!\w)|\"(?:\\.|[^\"\\\n])*\"|`[^`\n]*`|“[^”\n]*”|‘[^’\n]*’|「[^」\n]*」"
)
_OF_CODE: Final = re.compile(
    r"\s*(?:[\w.]*\.)?(?:AttributeError|NameError|UnboundLocalError|ImportError"
    r"|ModuleNotFoundError|NotImplementedError)\b"
)
"""Errors that quote names in code alone."""
_FRAME: Final = re.compile(r'  File "[^"\n]+", line \d+, in \S+')
_SOURCE: Final = re.compile(r"    \S")
_MARKED: Final = re.compile(r"\s+[\^~]+")
_TELLING: Final = re.compile(
    r"(?i)name|user|player|creator|owner|author|mail|address|^ip$|_ip$|ip_|agent|phone|token|secret"
    r"|pass|key$|auth|cookie|session|title|text|body|query|header"
)
HIDDEN: Final = "[text]"
_DEEPEST: Final = 8


def _replacing(rules: tuple[tuple[str, str], ...]) -> Callable[[str], str]:
    compiled = [(re.compile(form), said) for form, said in rules]

    def replace(text: str) -> str:
        for form, said in compiled:
            text = form.sub(said, text)
        return text

    return replace


_without_secrets: Final = _replacing(_SECRETS)
_without_people: Final = _replacing(_PEOPLE)


def contacts(text: str) -> str:
    """Without keys, addresses and agents. Ids stay."""
    return _without_people(_COLONS.sub(_address, _without_secrets(text)))


def forms(text: str) -> str:
    return _NUMBER.sub("[number]", _LONG.sub(_id, _UUID.sub("[id]", contacts(text))))


def _address(found: re.Match[str]) -> str:
    """Times of day have colons, too."""
    text = found[0].rstrip(".")
    if text.count(":") < 2:
        return found[0]
    try:
        IPv6Address(text.rstrip(":") if not text.endswith("::") else text)
    except ValueError:
        return found[0]
    return f"[address]{found[0][len(text) :]}"


def _id(found: re.Match[str]) -> str:
    text = found[0]
    mixed = any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    return "[id]" if mixed else text


def values(text: str) -> str:
    """Without what is quoted, too. Errors that quote names in code keep them."""
    return "\n".join(_line(each) for each in forms(text).split("\n"))


def stack(text: str) -> str:
    lines: list[str] = []
    after_frame = False
    for line in forms(text).split("\n"):
        is_frame = _FRAME.fullmatch(line) is not None
        is_source = after_frame and _SOURCE.match(line)
        is_code = is_frame or is_source or _MARKED.fullmatch(line)
        lines.append(line if is_code else _line(line))
        after_frame = is_frame
    return "\n".join(lines)


def fields(said: Mapping[str, Any], *, ours: frozenset[str]) -> dict[str, Any]:
    """Of a log line. Of `ours`, our code writes the texts; all other texts are left out."""
    return {
        forms(name)[:64]: values(value)
        if name in ours and isinstance(value, str)
        else _value(name, value, 0)
        for name, value in said.items()
    }


def _line(line: str) -> str:
    return line if _OF_CODE.match(line) else _QUOTED.sub(HIDDEN, line)


def _value(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _TELLING.search(name) or depth > _DEEPEST:
        return HIDDEN
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {
            forms(str(inner))[:64]: _value(str(inner), each, depth + 1)
            for inner, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_value(name, each, depth + 1) for each in value]
    return HIDDEN
