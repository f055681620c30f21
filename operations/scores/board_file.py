"""A board as JSON Lines: a header, its rows, and their number.

    {"board":{"v":1,"game":"snake","period":"all","order":[["score","desc"]],"exportedAt":"…"}}
    {"userId":"…","userName":"Ann","score":7,"timeMs":61000,"updatedAt":"…"}
    {"end":{"rows":1}}

A file may also consist of rows only. A file with a header must end with the number of rows; without
it, the file was cut off.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from lambdas.scores.games import Game
from lambdas.scores.rules import Entry, effective_order, rank_key
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.clock import from_iso, iso
from lambdas.shared.values.names import clean_name
from lambdas.shared.values.wire import LARGEST_INTEGER, USER_ID
from operations.errors import OperatorError
from operations.scores.operator_table import Row

MOST_LINE_BYTES: Final = 16_384
_MOST_META_BYTES: Final = 4000
_MOST_SHOWN: Final = 20
_USER_ID: Final = re.compile(USER_ID)
_PLAY: Final = re.compile(r"[!-~]{0,64}")
_COMMANDING: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""C1 controls, and characters that set the direction of text. JSON allows them in a string."""
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class BadLine(OperatorError):
    code = "bad_line"

    def __init__(self, line: int, field: str | None, problem: str) -> None:
        super().__init__(f"line {line}: {field}: {problem}" if field else f"line {line}: {problem}")


class BadFile(OperatorError):
    code = "bad_file"

    def __init__(self, problems: list[BadLine]) -> None:
        lines = [str(problem) for problem in problems]
        if len(problems) == _MOST_SHOWN:
            lines.append("… and perhaps more after that")
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Header:
    game_id: str
    period_id: str


@dataclass(frozen=True, slots=True)
class Imported:
    entry: Entry
    meta: str | None


@dataclass(slots=True)
class Contents:
    """The contents of a whole file."""

    header: Header | None = None
    rows: int = 0
    ascending: bool = True
    """Whether each player is in it once, in the order of the table."""


def header_line(game: Game, period_id: str, exported_at: str) -> bytes:
    board = {
        "v": 1,
        "game": game.id,
        "period": period_id,
        "order": effective_order(game.order),
        "exportedAt": exported_at,
    }
    return _line({"board": board})


def end_line(rows: int) -> bytes:
    return _line({"end": {"rows": rows}})


def row_line(row: Row) -> bytes:
    """Raises ValueError if the row is no entry, or its meta is not JSON."""
    entry = row.entry
    if entry is None:
        raise ValueError(row.problem)
    content: dict[str, Any] = {
        "userId": entry.user_id,
        "userName": entry.user_name,
        "score": entry.score,
        "timeMs": entry.time_ms,
        "updatedAt": entry.updated_at,
    }
    if entry.play:
        content["play"] = entry.play
    if entry.moved:
        content["moved"] = True
    if row.meta is not None:
        content["meta"] = _meta_out(row.meta)
    if entry.hidden_at is not None:
        content["hiddenAt"] = entry.hidden_at
    return _line(content)


def _meta_out(text: str) -> Any:
    """As JSON; as text if writing it as JSON would change the text."""
    try:
        meta = json.loads(text)
    except ValueError:
        raise ValueError("meta is not JSON") from None
    return meta if isinstance(meta, dict) and _compact(meta) == text else text


def _line(content: object) -> bytes:
    """JSON escapes what a terminal would obey, since the file may be written to one."""
    return _COMMANDING.sub(_escape, _compact(content)).encode() + b"\n"


def _escape(character: re.Match[str]) -> str:
    return f"\\u{ord(character[0]):04x}"


Line = Header | Imported | BadLine


def lines(stream: BinaryIO, game: Game) -> Iterator[Line]:
    """Yields what each line contains, or what is wrong with it."""
    state = _State()
    blank = 0
    for number, text in enumerate(iter(lambda: stream.readline(MOST_LINE_BYTES + 1), b""), 1):
        if len(text) > MOST_LINE_BYTES:
            yield BadLine(number, None, f"longer than {MOST_LINE_BYTES:,} bytes")
            return
        if text.isspace():
            blank = blank or number
            continue
        if blank:  # at the end of a file they are an editor's
            yield BadLine(blank, None, "blank, and more follows")
            blank = 0
        try:
            found = _parsed(number, text, game, state)
        except BadLine as problem:
            yield problem
        else:
            state.number = number
            if found is not None:
                yield found
    if state.headed and not state.ended:
        yield BadLine(
            state.number + 1, None, f"after {state.rows:,} rows the end is missing: it was cut off"
        )


def rows(
    stream: BinaryIO, game: Game, headed: Callable[[Header], None] = lambda _: None
) -> Iterator[Imported]:
    """Raises at the first wrong line; `headed` may refuse the header."""
    for line in lines(stream, game):
        match line:
            case Header():
                headed(line)
            case Imported():
                yield line
            case BadLine():
                raise line


def examined(stream: BinaryIO, game: Game, progress: Callable[[int], None]) -> Contents:
    """Reads the whole file and raises one error with all problems."""
    contents = Contents()
    problems: list[BadLine] = []
    last = ""
    for line in lines(stream, game):
        match line:
            case Header():
                contents.header = line
            case Imported():
                contents.rows += 1
                contents.ascending = contents.ascending and line.entry.user_id > last
                last = line.entry.user_id
                progress(1)
            case BadLine():
                problems.append(line)
        if len(problems) == _MOST_SHOWN:
            break
    if problems:
        raise BadFile(problems)
    return contents


@dataclass(slots=True)
class _State:
    headed: bool = False
    ended: bool = False
    rows: int = 0
    number: int = 0


def _parsed(number: int, text: bytes, game: Game, state: _State) -> Header | Imported | None:
    content = _object(number, text)
    if state.ended:
        raise BadLine(number, None, "something follows the end")
    if "board" in content:
        if number > 1:
            raise BadLine(number, "board", "it may only be in the first line")
        state.headed = True
        return _header(content)
    if "end" in content:
        state.ended = True
        _check_end(number, content, state.rows)
        return None
    state.rows += 1
    return _Fields(number, content).imported(game)


def _object(number: int, text: bytes) -> dict[str, Any]:
    try:
        content = json.loads(text, object_pairs_hook=_no_duplicates)
    except RecursionError:
        raise BadLine(number, None, "nested too deeply") from None
    except UnicodeDecodeError:
        raise BadLine(number, None, "not UTF-8") from None
    except ValueError as error:
        raise BadLine(number, None, f"not JSON: {error}") from None
    if not isinstance(content, dict):
        raise BadLine(number, None, "not a JSON object")
    return content


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{next(key for key in keys if keys.count(key) > 1)!r} is there twice")
    return content


def _header(content: dict[str, Any]) -> Header:
    board = content["board"]
    try:
        version, header = board["v"], Header(str(board["game"]), str(board["period"]))
    except (TypeError, KeyError):
        raise BadLine(1, "board", 'not as in {"v":1,"game":"snake","period":"all"}') from None
    if version != 1:
        raise BadLine(1, "board.v", f"{version!r} is unknown; this checkout reads version 1")
    return header


def _check_end(number: int, content: dict[str, Any], count: int) -> None:
    end = content["end"]
    counted = end.get("rows") if isinstance(end, dict) else None
    if counted != count:
        raise BadLine(number, "end.rows", f"{counted!r}, but there are {count:,} rows before it")


_REQUIRED: Final = ("userId", "userName", "score", "timeMs", "updatedAt")
_OPTIONAL: Final = ("play", "moved", "meta", "hiddenAt")


class _Fields:
    """The fields of one row. An error names the field."""

    def __init__(self, number: int, content: dict[str, Any]) -> None:
        self._number = number
        self._content = content
        for name in _REQUIRED:
            if name not in content:
                raise self._bad(name, "missing")
        for name in content:
            if name not in _REQUIRED and name not in _OPTIONAL:
                raise self._bad(name[:40], "unknown field")

    def imported(self, game: Game) -> Imported:
        score, time_ms, updated_at = (
            self._integer("score"),
            self._integer("timeMs"),
            self._moment("updatedAt"),
        )
        if time_ms < 0:
            raise self._bad("timeMs", f"{time_ms} is negative")
        entry = Entry(
            user_id=self._matching("userId", _USER_ID, "1 to 64 letters, digits, - or _"),
            user_name=self._name("userName"),
            score=score,
            time_ms=time_ms,
            updated_at=updated_at,
            rk=rank_key(
                game.order, score=score, time_ms=time_ms, updated_at_ms=from_iso(updated_at)
            ),
            play=self._matching("play", _PLAY, "64 visible ASCII characters at most", ""),
            moved=self._flag("moved"),
            hidden_at=self._moment("hiddenAt") if "hiddenAt" in self._content else None,
        )
        return Imported(entry, self._meta("meta"))

    def _bad(self, name: str, problem: str) -> BadLine:
        return BadLine(self._number, name, problem)

    def _text(self, name: str, default: str | None = None) -> str:
        value = self._content.get(name, default)
        if not isinstance(value, str):
            raise self._bad(name, "not a string")
        return value

    def _matching(
        self, name: str, pattern: re.Pattern[str], rule: str, default: str | None = None
    ) -> str:
        text = self._text(name, default)
        if not pattern.fullmatch(text):
            raise self._bad(name, rule)
        return text

    def _name(self, name: str) -> str:
        text = self._text(name)
        try:
            return clean_name(text, name)
        except Malformed as error:
            raise BadLine(self._number, None, str(error)) from None

    def _integer(self, name: str) -> int:
        value = self._content[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._bad(name, "not a whole number")
        if abs(value) > LARGEST_INTEGER:
            raise self._bad(name, f"beyond ±{LARGEST_INTEGER}")
        return value

    def _moment(self, name: str) -> str:
        """In the one form that rankings answer, so that moments compare as text."""
        text = self._text(name)
        try:
            moment_ms = from_iso(text)
        except (ValueError, TypeError, OverflowError):
            raise self._bad(name, "not a moment such as 2026-11-21T12:00:00.000Z") from None
        if moment_ms < 0:
            raise self._bad(name, f"{text} is before 1970")
        return iso(moment_ms)

    def _flag(self, name: str) -> bool:
        value = self._content.get(name, False)
        if not isinstance(value, bool):
            raise self._bad(name, "neither true nor false")
        return value

    def _meta(self, name: str) -> str | None:
        value = self._content.get(name)
        if value is None:
            return None
        text = value if isinstance(value, str) else self._dumped(name, value)
        try:
            size = len(text.encode())
            json.loads(text)
        except ValueError:
            raise self._bad(name, "not JSON") from None
        if size > _MOST_META_BYTES:
            raise self._bad(name, f"{size:,} bytes; at most {_MOST_META_BYTES:,}")
        return text

    def _dumped(self, name: str, value: object) -> str:
        if not isinstance(value, dict):
            raise self._bad(name, "neither a JSON object nor one in a string")
        try:
            return _compact(value)
        except ValueError:
            raise self._bad(name, "a number is too large") from None
