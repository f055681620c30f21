"""What a submission does to a board, without reading or writing a table."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from lambdas.scores.rules import (
    Entry,
    Verdict,
    best_first,
    entry_of,
    judge,
    rank_of,
    visible,
    with_candidate,
)


class Settled(NamedTuple):
    verdict: Verdict
    rows: Sequence[Entry]
    """The board's top N after the submission, as its player sees them."""
    rank: int | None
    """The player's; None where none of the rows is theirs."""
    moved: bool
    """Whether the play changed its player's rank. A repeated submission gets the same answer."""
    fallen: Sequence[Entry]
    """What others see below the top N, best first. The best N of it go to the reserve."""
    best: Entry | None
    """The player's row, from this play or another."""
    accepted: bool
    """Whether the player's row comes from this play."""


def settle(board: Sequence[Entry], candidate: Entry, top_n: int) -> Settled:
    """Refuses a play that its player has on the board with other values."""
    if judge(board, candidate, top_n) is not Verdict.TAKE:
        return placed(board, candidate, top_n)
    before = rank_of(board[:top_n], candidate.user_id)
    after = rank_of(with_candidate(board, candidate), candidate.user_id)
    taken = with_candidate(board, replace(candidate, moved=before != after))
    return placed(taken, candidate, top_n)._replace(verdict=Verdict.TAKE)


def placed(board: Sequence[Entry], candidate: Entry, top_n: int) -> Settled:
    """How the candidate stands on a board that already is as it will be."""
    rows = board[:top_n]
    best = entry_of(rows, candidate.user_id)
    accepted = best is not None and best.play == candidate.play
    return Settled(
        verdict=Verdict.REPEATED if accepted else Verdict.NOT_BETTER,
        rows=rows,
        rank=rank_of(rows, candidate.user_id),
        moved=accepted and best is not None and best.moved,
        fallen=visible(board)[top_n:],
        best=best,
        accepted=accepted,
    )


def in_waiting(board: Iterable[Entry], reserve: Iterable[Entry], top_n: int) -> list[Entry]:
    """The entries of the reserve that may be promoted, best first.

    A player who has an entry on the board, even a hidden one, gets no second one.
    """
    present = {entry.user_id for entry in board}
    return best_first(each for each in visible(reserve) if each.user_id not in present)[:top_n]
