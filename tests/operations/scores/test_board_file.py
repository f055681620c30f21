"""A board's file: what is written is read back, and every line that is wrong is named."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.scores.games import Game
from lambdas.scores.rules import Entry, rank_key
from lambdas.scores.table import attributes_of, row_key
from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.clock import iso
from lambdas.shared.values.names import clean_name
from operations.scores.board_file import (
    MOST_LINE_BYTES,
    BadFile,
    BadLine,
    Imported,
    end_line,
    examined,
    header_line,
    row_line,
    rows,
)
from operations.scores.operator_table import row_in
from tests.conftest import game

SNAKE = game()
BOARD = "G#snake#P#all"
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
TIMES = st.integers(0, 2**53 - 1)


def stored(entry: Entry, meta: str | None) -> dict[str, Any]:
    return row_key(BOARD, entry.user_id) | attributes_of(entry, meta)


def is_name(text: str) -> bool:
    try:
        return clean_name(text) == text
    except Malformed:
        return False


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    score, time_ms, at = draw(NUMBERS), draw(TIMES), draw(st.integers(0, 4_000_000_000_000))
    return Entry(
        user_id=draw(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)),
        user_name=draw(st.text(min_size=1, max_size=24).filter(is_name)),
        score=score,
        time_ms=time_ms,
        updated_at=iso(at),
        rk=rank_key(SNAKE.order, score=score, time_ms=time_ms, updated_at_ms=at),
        play=draw(st.sampled_from(["", "0123456789ab.012345"])),
        moved=draw(st.booleans()),
        hidden_at=draw(st.none() | st.just("2026-11-21T12:00:00.000Z")),
    )


METAS = st.none() | st.dictionaries(
    st.text(max_size=5),
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
).map(lambda meta: json.dumps(meta, ensure_ascii=False, separators=(",", ":")))


@given(entry=entries(), meta=METAS)
def test_a_row_comes_back_as_it_was_to_the_attribute(entry: Entry, meta: str | None) -> None:
    item = stored(entry, meta)
    [imported] = rows(io.BytesIO(row_line(row_in(item))), SNAKE)
    assert stored(imported.entry, imported.meta) == item


@pytest.mark.parametrize("meta", ['{"a": 1}', '{"a":1.0e3}', "[1]", '"text"', '{"\\u3042":1}'])
def test_meta_that_is_not_in_our_spelling_comes_back_in_its_own(meta: str) -> None:
    entry = imported(ROW).entry
    [back] = rows(io.BytesIO(row_line(row_in(stored(entry, meta)))), SNAKE)
    assert back.meta == meta


def test_a_line_commands_no_terminal_and_is_read_back_as_it_was() -> None:
    meta = json.dumps({"x": "\x9b2J\u202e\x7f\u2066"}, ensure_ascii=False, separators=(",", ":"))
    line = row_line(row_in(stored(imported(ROW).entry, meta)))
    assert not set("\x7f\x9b\u202e\u2066\x1b") & set(line.decode())
    [back] = rows(io.BytesIO(line), SNAKE)
    assert back.meta == meta


def test_a_row_that_is_no_entry_is_not_written() -> None:
    with pytest.raises(ValueError, match="userName is missing"):
        row_line(row_in(row_key(BOARD, "ann")))
    with pytest.raises(ValueError, match="meta is not JSON"):
        row_line(row_in(stored(imported(ROW).entry, "{")))


ROW: dict[str, Any] = {
    "userId": "ann",
    "userName": "Ann",
    "score": 7,
    "timeMs": 61_000,
    "updatedAt": "2026-11-21T12:00:00.000Z",
}


def imported(row: dict[str, Any], rules: Game = SNAKE) -> Imported:
    [one] = rows(io.BytesIO(json.dumps(row).encode()), rules)
    return one


def test_the_rank_is_of_the_games_order_of_today() -> None:
    fastest = game(order=(("timeMs", "asc"),))
    assert imported(ROW).entry.rk != imported(ROW, fastest).entry.rk
    assert imported(ROW).entry.rk == rank_key(
        SNAKE.order, score=7, time_ms=61_000, updated_at_ms=1_795_262_400_000
    )


@pytest.mark.parametrize(
    "text", ["2026-11-21T21:00:00+09:00", "2026-11-21T12:00:00Z", "2026-11-21T12:00:00.000000Z"]
)
def test_a_moment_is_kept_in_the_form_that_rankings_answer(text: str) -> None:
    """Moments of one form compare as text."""
    assert imported(ROW | {"updatedAt": text}).entry.updated_at == "2026-11-21T12:00:00.000Z"


def test_blank_lines_at_the_end_are_no_rows() -> None:
    text = file(ROW, end=1).getvalue() + b"\n  \r\n"
    assert examined(io.BytesIO(text), SNAKE, nothing).rows == 1


def test_a_blank_line_between_rows_is_named() -> None:
    with pytest.raises(BadLine, match="line 2: blank, and more follows"):
        list(rows(file(ROW, b"\n", ROW | {"userId": "bob"}, header=False), SNAKE))


def test_a_name_is_cleaned_as_a_players_own() -> None:
    assert imported(ROW | {"userName": " Ａｎｎ\u200b "}).entry.user_name == "Ann"


def file(*lines: object, header: bool = True, end: int | None = None) -> io.BytesIO:
    text = [header_line(SNAKE, "all", "2026-11-21T12:00:00.000Z")] if header else []
    text += [
        line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines
    ]
    text += [] if end is None else [end_line(end)]
    return io.BytesIO(b"".join(text))


def nothing(_: int) -> None:
    return


def test_a_whole_file_says_what_it_is_and_how_much() -> None:
    contents = examined(file(ROW, ROW | {"userId": "bob"}, end=2), SNAKE, nothing)
    assert contents.header is not None
    assert (contents.header.game_id, contents.header.period_id) == ("snake", "all")
    assert (contents.rows, contents.ascending) == (2, True)


def test_rows_alone_are_a_file_too() -> None:
    contents = examined(file(ROW, header=False), SNAKE, nothing)
    assert (contents.header, contents.rows) == (None, 1)


@pytest.mark.parametrize("players", [["bob", "ann"], ["ann", "ann"]])
def test_players_that_may_stand_twice_are_noticed(players: list[str]) -> None:
    lines = [ROW | {"userId": player} for player in players]
    assert not examined(file(*lines, end=2), SNAKE, nothing).ascending


WRONG: dict[str, tuple[object, str]] = {
    "not JSON": (b"Ann,7\n", "line 1: not JSON: Expecting value"),
    "not UTF-8": (b'{"userId":"\xff"}\n', "line 1: not UTF-8"),
    "a list": ([ROW], "line 1: not a JSON object"),
    "nested": (b"[" * 16_000 + b"\n", "line 1: nested too deeply"),
    "a field twice": (b'{"score":1,"score":2}\n', "'score' is there twice"),
    "no player": ({**ROW, "userId": None}, "line 1: userId: not a string"),
    "a strange player": (ROW | {"userId": "a/b"}, "line 1: userId: 1 to 64 letters"),
    "an invisible name": (ROW | {"userName": "\u200b"}, "line 1: userName: no visible character"),
    "a long name": (ROW | {"userName": "x" * 25}, "line 1: userName: 25 characters; at most 24"),
    "half a point": (ROW | {"score": 0.5}, "line 1: score: not a whole number"),
    "true points": (ROW | {"score": True}, "line 1: score: not a whole number"),
    "too many points": (ROW | {"score": 2**53}, "line 1: score: beyond"),
    "time in words": (ROW | {"timeMs": "61000"}, "line 1: timeMs: not a whole number"),
    "a negative time": (ROW | {"timeMs": -1}, "line 1: timeMs: -1 is negative"),
    "long ago": (ROW | {"updatedAt": "1969-12-31T23:59:59Z"}, "line 1: updatedAt: 1969"),
    "no such day": (ROW | {"updatedAt": "2026-02-30T00:00:00Z"}, "line 1: updatedAt: not a moment"),
    "a moment nowhere": (ROW | {"updatedAt": "2026-11-21T12:00"}, "line 1: updatedAt: not a"),
    "a strange field": (ROW | {"rank": 1}, "line 1: rank: unknown field"),
    "a long play": (ROW | {"play": "x" * 65}, "line 1: play: 64 visible"),
    "moved a little": (ROW | {"moved": 1}, "line 1: moved: neither true nor false"),
    "meta a list": (ROW | {"meta": [1]}, "line 1: meta: neither a JSON object nor"),
    "meta no JSON": (ROW | {"meta": "{"}, "line 1: meta: not JSON"),
    "meta too long": (ROW | {"meta": {"x": "y" * 5000}}, "line 1: meta: 5,008 bytes; at most"),
    "half a character": (ROW | {"meta": {"x": "\ud800"}}, "line 1: meta: not JSON"),
    "hidden yes": (ROW | {"hiddenAt": True}, "line 1: hiddenAt: not a string"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_line_that_is_wrong_is_named_with_its_field(name: str) -> None:
    line, problem = WRONG[name]
    with pytest.raises(BadLine) as caught:
        list(rows(file(line, header=False), SNAKE))
    assert str(caught.value).startswith(problem) or problem in str(caught.value)


@pytest.mark.parametrize("name", ["userId", "userName", "score", "timeMs", "updatedAt"])
def test_a_field_that_is_missing_is_named(name: str) -> None:
    row = {key: value for key, value in ROW.items() if key != name}
    with pytest.raises(BadLine, match=f"line 1: {name}: missing"):
        list(rows(file(row, header=False), SNAKE))


WHOLE: dict[str, tuple[io.BytesIO, str]] = {
    "cut off": (file(ROW), "line 3: after 1 rows the end is missing"),
    "a row lost": (file(ROW, end=2), "line 3: end.rows: 2, but there are 1 rows before it"),
    "more after the end": (
        io.BytesIO(file(ROW, end=1).getvalue() + file(ROW, header=False).getvalue()),
        "line 4: something follows the end",
    ),
    "two in one": (
        io.BytesIO(file(ROW).getvalue() + file(ROW, end=1).getvalue()),
        "line 3: board: it may only be in the first line",
    ),
    "of another time": (
        file({"board": {"v": 2, "game": "snake", "period": "all"}}, header=False),
        "line 1: board.v: 2 is unknown",
    ),
    "no board": (file({"board": "snake"}, header=False), "line 1: board: not as in"),
    "a flood": (file(b"x" * (MOST_LINE_BYTES + 9), header=False), "line 1: longer than 16,384"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_not_whole_is_refused(name: str) -> None:
    stream, problem = WHOLE[name]
    stream.seek(0)
    with pytest.raises(BadFile, match=problem):
        examined(stream, SNAKE, nothing)


def test_up_to_twenty_errors_are_reported_at_once() -> None:
    bad = ROW | {"score": "7"}
    with pytest.raises(BadFile) as caught:
        examined(file(bad, ROW, b"\n", bad, end=3), SNAKE, nothing)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "line 2",
        "line 4",
        "line 5",
    ]
    with pytest.raises(BadFile) as caught:
        examined(file(*[bad] * 100), SNAKE, nothing)
    assert str(caught.value).count("line") == 20
    assert "perhaps more" in str(caught.value)
