"""A play meets its boards: judged on all of them, then written board by board.

Each write is conditional and the play is its own idempotency key, so several
boards need no transaction: a retry completes what is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lambdas.scores.games import Game
from lambdas.scores.periods import Period
from lambdas.scores.rules import (
    Entry,
    Verdict,
    entry_of,
    in_order,
    judge,
    rank_of,
    same_play,
    seen_by,
    visible,
    with_candidate,
)
from lambdas.scores.submission import Submission
from lambdas.scores.table import ScoreTable, board_key

_EVICTION_ATTEMPTS: Final = 3
_MOST_EVICTIONS: Final = 10
"""An imported board may be far beyond its N: trimming that is not a player's to wait for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    period_id: str
    accepted: bool
    moved: bool
    written: bool
    rank: int | None
    best: Entry | None
    board: Sequence[Entry]
    """As its player sees it."""

    @property
    def changed_ranking(self) -> bool:
        """Whether others see what was written."""
        return self.written and not (self.best and self.best.hidden_at)


def submit(table: ScoreTable, submission: Submission) -> list[Outcome]:
    """Raises before the first write where any board has the play with other values."""
    candidate, top_n = submission.candidate, submission.game.top_n
    judged = [
        (period, board, judge(board, candidate, top_n))
        for period, board in _read(table, submission)
    ]
    return [_settle(table, submission, *each) for each in judged]


def _read(table: ScoreTable, submission: Submission) -> list[tuple[Period, list[Entry]]]:
    game, user_id = submission.game, submission.candidate.user_id
    return [
        (period, _board(table, board_key(game.id, period.id), game, user_id))
        for period in submission.periods
    ]


def _board(
    table: ScoreTable, key: str, game: Game, user_id: str, *, consistent: bool = False
) -> list[Entry]:
    rows = table.rows(key, consistent=consistent)
    return seen_by(user_id, in_order(game.order, rows))


def _settle(
    table: ScoreTable, submission: Submission, period: Period, board: list[Entry], verdict: Verdict
) -> Outcome:
    key = board_key(submission.game.id, period.id)
    candidate, top_n = submission.candidate, submission.game.top_n
    if verdict is Verdict.TAKE:
        return _take(table, key, period, board, submission)
    if verdict is Verdict.REPEATED:
        kept = _keep_top(table, key, board, submission)
        return _outcome(period, kept, candidate, written=False)
    return _outcome(period, board[:top_n], candidate, written=False)


def _take(
    table: ScoreTable, key: str, period: Period, board: list[Entry], submission: Submission
) -> Outcome:
    top_n = submission.game.top_n
    after = with_candidate(board, submission.candidate)
    user_id = submission.candidate.user_id
    moved = rank_of(board[:top_n], user_id) != rank_of(after, user_id)
    candidate = replace(submission.candidate, moved=moved)
    own = entry_of(board, user_id)
    standing = table.put(key, candidate, submission.meta, instead_of=own)
    if standing is not None:
        same_play(standing, candidate)
        [standing] = in_order(submission.game.order, [standing])
        unchanged = with_candidate(board, standing)[:top_n]
        return _outcome(period, unchanged, candidate, written=False)
    kept = _keep_top(table, key, with_candidate(board, candidate), submission)
    return _outcome(period, kept, candidate, written=True)


def _keep_top(
    table: ScoreTable, key: str, board: list[Entry], submission: Submission
) -> list[Entry]:
    """Deletes what fell off. Two writers may see the same last row: the slower looks again."""
    game, user_id = submission.game, submission.candidate.user_id
    for _ in range(_EVICTION_ATTEMPTS):
        fallen = visible(board)[game.top_n :][-_MOST_EVICTIONS:]
        evicted = [table.evict(key, entry) for entry in fallen]
        if all(evicted):
            break
        board = _board(table, key, game, user_id, consistent=True)
    return board[: game.top_n]


def _outcome(period: Period, board: Sequence[Entry], candidate: Entry, *, written: bool) -> Outcome:
    best = entry_of(board, candidate.user_id)
    accepted = best is not None and best.play == candidate.play
    return Outcome(
        period_id=period.id,
        accepted=accepted,
        moved=accepted and best is not None and best.moved,
        written=written,
        rank=rank_of(board, candidate.user_id),
        best=best,
        board=board,
    )
