"""Plays to submit, and the board they must lead to."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from hypothesis import strategies as st

from lambdas.scores.games import Game
from lambdas.scores.periods import EVER, Period
from lambdas.scores.rules import Entry, best_first, rank_key
from lambdas.scores.submission import Submission
from lambdas.scores.table import ScoreTable
from lambdas.shared.values.clock import iso
from tests.conftest import game


@dataclass(frozen=True)
class Play:
    user_id: str
    score: int
    time_ms: int
    at: int
    id: str

    def entry(self, game: Game) -> Entry:
        return Entry(
            user_id=self.user_id,
            user_name=self.user_id,
            score=self.score,
            time_ms=self.time_ms,
            updated_at=iso(self.at),
            rk=rank_key(game.order, score=self.score, time_ms=self.time_ms, updated_at_ms=self.at),
            play=f"{self.id}.{self.score},{self.time_ms}",
        )

    def submission(self, game: Game, *periods: Period, meta: str | None = None) -> Submission:
        return Submission(
            game=game, periods=periods or (EVER,), candidate=self.entry(game), meta=meta
        )


_numbers = count()


def unplayed(**changes: Any) -> Game:
    """Its boards are empty: examples share a table but do not see each other's plays."""
    return game(**{"id": f"game{next(_numbers)}", **changes})


@st.composite
def plays(draw: st.DrawFn, *, most: int = 12) -> list[Play]:
    """Few players and few values, so that they meet often and tie often."""
    size = draw(st.integers(1, most))
    return [
        Play(
            user_id=draw(st.sampled_from("abcdef")),
            score=draw(st.integers(0, 4)),
            time_ms=draw(st.integers(1, 3)),
            at=draw(st.integers(0, 3)),
            id=f"play{number}",
        )
        for number in range(size)
    ]


@st.composite
def orders(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    keys = draw(st.permutations(["score", "timeMs", "updatedAt"]))[: draw(st.integers(1, 3))]
    return tuple((key, draw(st.sampled_from(["asc", "desc"]))) for key in keys)


def expected_board(game: Game, played: Iterable[Play]) -> list[tuple[str, str]]:
    """Each player's best in lexicographic order, the top N of them, ties by time, then by id."""
    best: dict[str, Entry] = {}
    for play in played:
        entry = play.entry(game)
        if entry.user_id not in best or entry.place < best[entry.user_id].place:
            best[entry.user_id] = entry
    return shown(best_first(best.values())[: game.top_n])


def standing(table: ScoreTable, key: str) -> list[Entry]:
    return best_first(table.rows(key))


def shown(board: Iterable[Entry]) -> list[tuple[str, str]]:
    """The players in order, with the compared values: any of a player's equal plays may stay."""
    return [entry.place for entry in board]
