"""What marking look-alike names adds to the answer of a full board, as ratios within one run."""

import json
import timeit
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from bench.boards import SNAKE, entry_of_play
from bench.report import table
from lambdas.scores.answers import ranking
from lambdas.scores.lookalikes import lookalikes
from lambdas.scores.periods import EVER
from lambdas.scores.rules import Entry
from lambdas.shared.values.skeletons import skeleton

_ROUNDS: Final = 11
_CALLS: Final = 20
NAMES: Final = {
    "ASCII": [f"Player {number:04d}" for number in range(100)],
    "Japanese": [f"さくら太郎{number:04d}" for number in range(100)],
    "one name in 100 spellings": [
        f"{number:07b}".translate({ord("0"): "a", ord("1"): "\u0430"}) for number in range(100)
    ],
}


def run() -> None:
    table(
        "Marks of look-alike names on a full board, CPU against its answer in JSON",
        ["names", "met before", "new", "µs of the answer"],
        [_measured(kind, names) for kind, names in NAMES.items()],
    )


def _measured(kind: str, names: Sequence[str]) -> tuple[object, ...]:
    board = [_entry(rank, name) for rank, name in enumerate(names)]
    marks = _seconds(lambda: lookalikes(board))
    whole = _seconds(lambda: json.dumps(ranking(SNAKE, EVER, board, 100, 1))) - marks

    def as_new() -> None:
        skeleton.cache_clear()
        lookalikes(board)

    return kind, marks / whole, _seconds(as_new) / whole, f"{whole * 1e6:.0f}"


def _entry(rank: int, name: str) -> Entry:
    entry = entry_of_play(user_id=f"{rank:022d}", score=9000 - rank, at=rank, play=str(rank))
    return replace(entry, user_name=name)


def _seconds(call: Callable[[], object]) -> float:
    return min(timeit.repeat(call, number=_CALLS, repeat=_ROUNDS)) / _CALLS
