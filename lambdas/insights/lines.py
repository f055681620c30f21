"""Reads the lines of CloudFront's standard log, version 2, as JSON."""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from lambdas.insights.catalogue import Catalogue
from lambdas.insights.rows import CACHED, Row
from lambdas.shared.values.clock import day_of

FIELDS: Final = (
    "timestamp(ms)",
    "x-edge-request-id",
    "cs-method",
    "cs-uri-stem",
    "sc-status",
    "sc-bytes",
    "time-taken",
    "x-edge-result-type",
    "sc-content-type",
    "origin-fbl",
)
"""What CloudFront is asked to write. Addresses, agents, cookies and queries are not among it."""

_ABSENT: Final = "-"
_ID: Final = re.compile(r"[A-Za-z0-9_=-]{1,100}")
_RESULT: Final = re.compile(r"[A-Za-z]{1,40}")
_METHOD: Final = re.compile(r"[A-Z]{1,10}")
_CODE: Final = re.compile(r";\s*code=([a-z][a-z0-9_]{0,39})(?:;|$)")
_MEASURED: Final = re.compile(r";\s*kb=(\d{1,7});\s*cpu=(\d{1,9})(?:;|$)")
_FIRST_MS: Final = 1_577_836_800_000
"""The year 2020. Nothing of htmlgame is older."""
_DAY_MS: Final = 86_400_000
_MOST_SECONDS: Final = 86_400
_MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one decompressed file, far more than CloudFront writes into one."""
_GZIP: Final = 31
_LEFT: Final = "viewer_left"
_OF_A_RUN: Final = "function_"
"""Begins the codes of functions' own failures."""
_NO_ORIGIN: Final = (502, 504)
"""CloudFront's answers for an origin that it could not reach."""

Hashing = Callable[[str, str], str]
"""Hashes a player's id, with the secret of a day."""


class UnreadableFile(Exception):
    """Why a file is not counted."""


class UnreadableLine(Exception):
    """Why a line is not counted."""


def lines_of(content: bytes) -> list[bytes]:
    """The lines of a compressed file. Refuses a file that is cut off, so that none is lost."""
    text, rest = b"", content
    while True:
        inflating = zlib.decompressobj(wbits=_GZIP)
        try:
            text += b"\n" + inflating.decompress(rest, _MOST_BYTES)
        except zlib.error as error:
            raise UnreadableFile(f"not a gzip file: {error}") from None
        if inflating.unconsumed_tail or len(text) > _MOST_BYTES:
            raise UnreadableFile(f"more than {_MOST_BYTES} bytes")
        if not inflating.eof:
            raise UnreadableFile("cut off")
        rest = inflating.unused_data
        if not rest:
            return [line for line in text.split(b"\n") if line.strip()]


def row_of(line: bytes, catalogue: Catalogue, hashing: Hashing, now_ms: int) -> Row:
    """The row of one line. Ignores fields that it does not know."""
    said = _object(line)
    ms = _moment(said, now_ms)
    method = _matching(said, "cs-method", _METHOD)
    result = _matching(said, "x-edge-result-type", _RESULT)
    status = _number(said, "sc-status", most=999)
    reached = said.get("origin-fbl", _ABSENT) != _ABSENT or result in CACHED or status in _NO_ORIGIN
    answering = catalogue.answering(method, _text(said, "cs-uri-stem"), reached_origin=reached)
    content_type = _content_type(said)
    error = _error(status, content_type)
    has_run = answering.run and _has_run(status, error)
    memory_kb, cpu_us = _measured(content_type) if has_run else (0, 0)
    return Row(
        id=_matching(said, "x-edge-request-id", _ID),
        ms=ms,
        fn=answering.run if has_run else answering.fn,
        route=answering.route,
        status=status,
        us=_microseconds(said),
        result=result,
        bytes=_number(said, "sc-bytes", most=1 << 50),
        caller=hashing(answering.caller, day_of(ms)) if answering.caller else "",
        error=error,
        memory_kb=memory_kb,
        cpu_us=cpu_us,
    )


def _has_run(status: int, error: str) -> bool:
    """Only functions that exist succeed or fail by themselves. Others have any name."""
    return 200 <= status < 300 or error.startswith(_OF_A_RUN)


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise UnreadableLine("not JSON") from None
    if not isinstance(said, dict):
        raise UnreadableLine("not a JSON object")
    return said


def _moment(said: Mapping[str, Any], now_ms: int) -> int:
    ms = _number(said, "timestamp(ms)", most=now_ms + _DAY_MS)
    if ms < _FIRST_MS:
        raise UnreadableLine(f"timestamp(ms): {ms} is before 2020")
    return ms


def _text(said: Mapping[str, Any], field: str) -> str:
    """JSON may write numbers as numbers or as texts."""
    value = said.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnreadableLine(f"{field}: missing")
    return str(value)


def _matching(said: Mapping[str, Any], field: str, form: re.Pattern[str]) -> str:
    text = _text(said, field)
    if not form.fullmatch(text):
        raise UnreadableLine(f"{field}: {text[:40]!r} has another form")
    return text


def _number(said: Mapping[str, Any], field: str, *, most: int) -> int:
    text = _text(said, field)
    if not text.isascii() or not text.isdecimal() or len(text) > 18 or int(text) > most:
        raise UnreadableLine(f"{field}: {text[:40]!r} is not a whole number up to {most}")
    return int(text)


def _microseconds(said: Mapping[str, Any]) -> int:
    text = _text(said, "time-taken")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= _MOST_SECONDS:
        raise UnreadableLine(f"time-taken: {text[:40]!r} is not a number of seconds")
    return round(seconds * 1_000_000)


def _content_type(said: Mapping[str, Any]) -> str:
    text = said.get("sc-content-type", _ABSENT)
    return unquote(text) if isinstance(text, str) else _ABSENT


def _measured(content_type: str) -> tuple[int, int]:
    """Kilobytes, and microseconds of the processor. Only answers of the runner are read."""
    found = _MEASURED.search(content_type)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _error(status: int, content_type: str) -> str:
    """Refusals name their code in the content type, the only response header in the log."""
    if status == 0:
        return _LEFT
    if status < 400:
        return ""
    code = _CODE.search(content_type)
    return code[1] if code else f"http_{status}"
