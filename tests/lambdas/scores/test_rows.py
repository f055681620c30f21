"""A row is read as an entry; a row that is no entry is reported with the reason."""

from decimal import Decimal
from typing import Any

import pytest

from lambdas.scores.table import UnreadableRow, attributes_of, entry_in, row_key
from tests.conftest import game
from tests.lambdas.scores.plays import Play

ENTRY = Play("ann", 10, 5, 7, "p1").entry(game())
ROW: dict[str, Any] = row_key("G#snake#P#all", "ann") | attributes_of(ENTRY)


def test_an_entry_comes_back_as_it_was_written() -> None:
    assert entry_in(ROW) == ENTRY


def test_optional_fields_of_an_import_get_defaults() -> None:
    bare = {name: value for name, value in ROW.items() if name not in {"rk", "play", "moved"}}
    entry = entry_in(bare)
    assert (entry.rk, entry.play, entry.moved, entry.hidden_at) == ("", "", False, None)


PROBLEMS: dict[str, tuple[dict[str, Any], str]] = {
    "no score": ({"score": None}, "score is missing"),
    "no name": ({"userName": None}, "userName is missing"),
    "no time": ({"timeMs": None}, "timeMs is missing"),
    "no moment": ({"updatedAt": None}, "updatedAt is missing"),
    "a score in words": ({"score": "12"}, "score is not a whole number"),
    "a broken score": ({"score": Decimal("12.5")}, "score is not a whole number"),
    "too large a score": ({"score": 10**20}, "score is beyond ±9007199254740991"),
    "a name that is a number": ({"userName": 1}, "userName is not a string"),
    "a rank key that is a number": ({"rk": 1}, "rk is not a string"),
    "no such day": ({"updatedAt": "2026-13-01T00:00:00Z"}, "updatedAt is not a moment"),
    "a moment nowhere": ({"updatedAt": "2026-11-21T12:00:00"}, "updatedAt is not a moment"),
    "not a player": ({"SK": "total"}, "not a player's"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_row_that_is_no_entry_says_what_is_wrong(name: str) -> None:
    changes, problem = PROBLEMS[name]
    row = {key: value for key, value in (ROW | changes).items() if value is not None}
    with pytest.raises(UnreadableRow, match=problem) as caught:
        entry_in(row)
    assert caught.value.row == row["SK"]
