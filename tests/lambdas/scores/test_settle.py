"""Settling a play, against a board that keeps each player's best play and sorts it each time."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambdas.scores.errors import PlayAlreadySubmitted
from lambdas.scores.rules import Entry, Verdict, best_first
from lambdas.scores.settle import in_waiting, placed, settle
from tests.conftest import game
from tests.lambdas.scores.plays import Play, plays

RULES = game()
TOP_N = 3
hidden = st.sets(st.sampled_from("abcdef"))


def played(sequence: Sequence[Play]) -> list[Entry]:
    """The best play of each player, best first, however many there are."""
    best: dict[str, Entry] = {}
    for play in sequence:
        entry = play.entry(RULES)
        if play.user_id not in best or entry.rk < best[play.user_id].rk:
            best[play.user_id] = entry
    return best_first(best.values())


def board_of(sequence: Sequence[Play], size: int) -> list[Entry]:
    return played(sequence)[:size]


def ranks(board: Sequence[Entry]) -> dict[str, int]:
    return {entry.user_id: rank for rank, entry in enumerate(board, 1)}


@given(plays(), st.integers(0, TOP_N + 3))
def test_the_board_is_that_of_all_plays_together(sequence: list[Play], size: int) -> None:
    *before, last = sequence
    board, candidate = board_of(before, size), replace(last, id="new").entry(RULES)
    settled = settle(board, candidate, TOP_N)
    own = next((entry for entry in board if entry.user_id == last.user_id), None)
    standing = candidate if own is None or candidate.rk < own.rk else own
    together = best_first([*(e for e in board if e is not own), standing])
    kept, fallen = together[:TOP_N], together[TOP_N:]
    taken = standing is candidate and last.user_id in ranks(kept)
    assert settled.verdict is (Verdict.TAKE if taken else Verdict.NOT_BETTER)
    assert settled.accepted is taken
    expected = kept if taken else board[:TOP_N]
    assert [each.play for each in settled.rows] == [each.play for each in expected]
    assert settled.rank == ranks(expected).get(last.user_id)
    assert settled.moved is (taken and ranks(board[:TOP_N]).get(last.user_id) != settled.rank)
    if taken:
        assert [each.play for each in settled.fallen] == [each.play for each in fallen]


@given(plays())
def test_settling_a_play_again_changes_nothing(sequence: list[Play]) -> None:
    *before, last = sequence
    board, candidate = board_of(before, TOP_N), replace(last, id="new").entry(RULES)
    first = settle(board, candidate, TOP_N)
    again = settle(first.rows, candidate, TOP_N)
    assume(first.verdict is Verdict.TAKE)
    assert again == first._replace(verdict=Verdict.REPEATED, fallen=[])


@given(plays())
def test_a_play_on_the_board_is_refused_with_other_values(sequence: list[Play]) -> None:
    board = board_of(sequence, TOP_N)
    for entry in board:
        changed = replace(entry, score=entry.score + 1, play=f"{entry.play.partition('.')[0]}.x")
        with pytest.raises(PlayAlreadySubmitted):
            settle(board, changed, TOP_N)


@given(plays(), hidden)
def test_a_better_play_stays_as_hidden_as_its_player(
    sequence: list[Play], hidden: set[str]
) -> None:
    *before, last = sequence
    board = [
        replace(entry, hidden_at="2026-11-21T12:00:00.000Z") if entry.user_id in hidden else entry
        for entry in board_of(before, TOP_N)
    ]
    seen = [each for each in board if each.hidden_at is None or each.user_id == last.user_id]
    settled = settle(seen, replace(last, id="new", score=9).entry(RULES), TOP_N)
    assert settled.best is not None
    was_hidden = any(each.user_id == last.user_id and each.hidden_at for each in board)
    assert (settled.best.hidden_at is not None) == was_hidden
    assert all(each.hidden_at is None for each in settled.fallen)


@given(plays())
def test_a_candidate_that_is_not_on_the_board_is_not_accepted(sequence: list[Play]) -> None:
    """Its row was evicted before the board was read again."""
    *before, last = sequence
    others = [play for play in before if play.user_id != last.user_id]
    found = placed(board_of(others, TOP_N + 2), last.entry(RULES), TOP_N)
    assert (found.verdict, found.rank, found.best) == (Verdict.NOT_BETTER, None, None)
    assert not found.accepted
    assert not found.moved
    assert len(found.rows) <= TOP_N


@given(plays(most=15), hidden)
def test_a_board_and_its_reserve_lose_nobody(sequence: list[Play], gone: set[str]) -> None:
    """Whatever order plays arrive in, removing players leaves the best of all others."""
    board: list[Entry] = []
    reserve: dict[str, Entry] = {}
    for play in sequence:
        settled = settle(board, play.entry(RULES), TOP_N)
        board = list(settled.rows)
        for entry in settled.fallen:
            kept = reserve.get(entry.user_id, entry)
            reserve[entry.user_id] = min(kept, entry, key=lambda each: each.rk)
    board = [entry for entry in board if entry.user_id not in gone]
    left = [entry for entry in reserve.values() if entry.user_id not in gone]
    promoted = in_waiting(board, left, TOP_N)[: TOP_N - len(board)]
    entered = {entry.user_id for entry in (*board, *reserve.values())} - gone
    assert {each.user_id for each in best_first([*board, *promoted])} <= entered
    assert len(board) + len(promoted) == min(TOP_N, len(entered))
    waiting = [each for each in left if each not in promoted and each not in board]
    present = {each.user_id for each in [*board, *promoted]}
    assert all(
        last.place < each.place
        for each in waiting
        if each.user_id not in present
        for last in promoted
    )


@given(plays(), hidden)
def test_a_player_on_the_board_is_not_promoted_and_a_hidden_entry_neither(
    sequence: list[Play], hiding: set[str]
) -> None:
    board = board_of(sequence, TOP_N)
    reserve = [
        replace(entry, hidden_at="2026-11-21T12:00:00.000Z") if entry.user_id in hiding else entry
        for entry in played(sequence)
    ]
    waiting = {entry.user_id for entry in in_waiting(board, reserve, TOP_N)}
    assert not waiting & (hiding | {entry.user_id for entry in board})


def test_a_hidden_row_displaces_no_row_that_others_see() -> None:
    first, second, own, last = (
        Play(user, score, 5000, 0, user).entry(RULES)
        for user, score in zip("abcd", (9, 8, 7, 6), strict=True)
    )
    own = replace(own, hidden_at="2026-11-21T12:00:00.000Z")
    worse = Play(own.user_id, 1, 5000, 0, "new").entry(RULES)
    settled = settle([first, second, own, last], worse, TOP_N)
    assert settled.verdict is Verdict.NOT_BETTER
    assert list(settled.fallen) == []
