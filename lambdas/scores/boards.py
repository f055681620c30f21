"""Submits a play: settles it on every board it counts for, then writes board by board.

The play is claimed before the first board is written, with its values, and each write is
conditional. So several boards need no transaction: a retry completes what is missing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from lambdas.scores.errors import PlayAlreadySubmitted
from lambdas.scores.periods import Period
from lambdas.scores.reserve import take_off
from lambdas.scores.rules import (
    Entry,
    Verdict,
    entry_of,
    in_order,
    same_play,
    seen_by,
    visible,
    with_candidate,
)
from lambdas.scores.settle import Settled, placed, settle
from lambdas.scores.submission import ARRIVAL_MS, Submission
from lambdas.scores.table import ScoreTable, board_key

_EVICTION_ATTEMPTS: Final = 3
_MOST_EVICTIONS: Final = 10
"""An imported board may be far beyond its N. A player does not wait for trimming all of it."""


class Outcome(NamedTuple):
    period_id: str
    settled: Settled
    written: bool
    filled: bool = False
    """Whether it took the board's last free rank."""

    @property
    def changed_ranking(self) -> bool:
        """Whether others see what was written."""
        best = self.settled.best
        return self.written and not (best and best.hidden_at)


def submit(table: ScoreTable, submission: Submission) -> list[Outcome]:
    """Refuses before the first board is written, where the play counts with other values."""
    settled = [_settled(table, submission, period) for period in submission.periods]
    if any(each.verdict is Verdict.TAKE for _, _, each in settled):
        _claim(table, submission)
    return [_write(table, submission, *each) for each in settled]


def _claim(table: ScoreTable, submission: Submission) -> None:
    game, candidate = submission.game, submission.candidate
    lasts_ms = game.ticket_ms + ARRIVAL_MS
    if not table.claim(game.id, candidate.user_id, candidate.play, lasts_ms=lasts_ms):
        raise PlayAlreadySubmitted


def _settled(
    table: ScoreTable, submission: Submission, period: Period
) -> tuple[Period, Sequence[Entry], Settled]:
    board = _read(table, submission, period)
    return period, board, settle(board, submission.candidate, submission.game.top_n)


def _read(
    table: ScoreTable, submission: Submission, period: Period, *, consistent: bool = False
) -> list[Entry]:
    """The board as the submission's player sees it."""
    rows = table.rows(board_key(submission.game.id, period.id), consistent=consistent)
    return seen_by(submission.candidate.user_id, in_order(submission.game.order, rows))


def _write(
    table: ScoreTable,
    submission: Submission,
    period: Period,
    board: Sequence[Entry],
    settled: Settled,
) -> Outcome:
    if settled.verdict is Verdict.NOT_BETTER:
        return Outcome(period.id, settled, written=False)
    if settled.verdict is Verdict.TAKE:
        stored = _put(table, submission, period, board, settled)
        if stored is not None:
            return _overtaken(submission, period, board, stored)
    kept = _keep_top(table, submission, period, settled)
    top_n = submission.game.top_n
    filled = len(visible(board)) < top_n <= len(visible(kept.rows))
    return Outcome(period.id, kept, settled.verdict is Verdict.TAKE, filled)


def _put(
    table: ScoreTable,
    submission: Submission,
    period: Period,
    board: Sequence[Entry],
    settled: Settled,
) -> Entry | None:
    """Returns None when written, else the row that another request stored meanwhile."""
    candidate = submission.candidate
    return table.put(
        board_key(submission.game.id, period.id),
        replace(candidate, moved=settled.moved),
        submission.meta,
        instead_of=entry_of(board, candidate.user_id),
    )


def _overtaken(
    submission: Submission, period: Period, board: Sequence[Entry], stored: Entry
) -> Outcome:
    """The outcome where another request of the player stored a row that is as good."""
    game, candidate = submission.game, submission.candidate
    same_play(stored, candidate)
    [stored] = in_order(game.order, [stored])
    settled = placed(with_candidate(board, stored), candidate, game.top_n)
    return Outcome(period.id, settled, written=False)


def _keep_top(
    table: ScoreTable, submission: Submission, period: Period, settled: Settled
) -> Settled:
    """Takes off what fell. Where another writer was faster, reads the board and tries again."""
    key = board_key(submission.game.id, period.id)
    for _ in range(_EVICTION_ATTEMPTS):
        top_n = submission.game.top_n
        if all(take_off(table, key, settled.fallen, top_n, most=_MOST_EVICTIONS)):
            break
        board = _read(table, submission, period, consistent=True)
        settled = placed(board, submission.candidate, submission.game.top_n)
    return settled
