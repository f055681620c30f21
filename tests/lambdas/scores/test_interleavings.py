"""However concurrent submissions interleave, no improvement is lost and no board overflows."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

from lambdas.scores.answers import submitted
from lambdas.scores.boards import Outcome, submit
from lambdas.scores.errors import PlayAlreadySubmitted
from lambdas.scores.games import Game
from lambdas.scores.table import ScoreTable, board_key
from lambdas.scores.trimming import Trimmed, trim
from tests.lambdas.scores.plays import (
    Play,
    expected_board,
    orders,
    plays,
    shown,
    standing,
    unplayed,
)
from tests.lambdas.scores.scheduler import Scheduler


def submission_task(rules: Game, play: Play) -> Callable[[Any], list[Outcome]]:
    return lambda client: submit(ScoreTable(client, "scores"), play.submission(rules))


@settings(max_examples=40)
@given(
    data=st.data(),
    played=plays(most=8),
    order=orders(),
    top_n=st.integers(1, 4),
    stalest=st.integers(0, 3),
)
def test_any_interleaving_ends_in_the_same_board(
    table: ScoreTable,
    dynamodb: Any,
    data: st.DataObject,
    played: list[Play],
    order: Any,
    top_n: int,
    stalest: int,
) -> None:
    rules = unplayed(order=order, top_n=top_n)
    scheduler = Scheduler(
        dynamodb, lambda options: data.draw(st.integers(0, options - 1)), stalest=stalest
    )
    in_flight = scheduler.run([submission_task(rules, play) for play in played])
    rows = standing(table, board_key(rules.id, "all"))
    note(f"{played} {order} {top_n} stale={stalest}")
    assert shown(rows[:top_n]) == expected_board(rules, played)
    assert len(rows) <= top_n + in_flight


@settings(max_examples=30)
@given(data=st.data(), played=plays(most=6), top_n=st.integers(1, 3))
def test_a_trim_amid_submissions_loses_nothing(
    table: ScoreTable, dynamodb: Any, data: st.DataObject, played: list[Play], top_n: int
) -> None:
    rules = unplayed(top_n=top_n)

    def trim_task(client: Any) -> Trimmed:
        return trim(ScoreTable(client, "scores"), rules, "all", lambda: True)

    tasks: list[Callable[[Any], object]] = [submission_task(rules, play) for play in played]
    tasks.insert(len(tasks) // 2, trim_task)
    Scheduler(dynamodb, lambda options: data.draw(st.integers(0, options - 1))).run(tasks)
    trim(table, rules, "all", lambda: True)
    assert shown(standing(table, board_key(rules.id, "all"))) == expected_board(rules, played)


@settings(max_examples=30)
@given(data=st.data(), score=st.integers(0, 4), before=plays(most=4))
def test_a_play_submitted_twice_at_once_counts_once_and_both_get_the_same_answer(
    table: ScoreTable, dynamodb: Any, data: st.DataObject, score: int, before: list[Play]
) -> None:
    rules = unplayed()
    for play in before:
        submit(table, play.submission(rules))
    answers: list[Outcome] = []

    def task(client: Any) -> None:
        play = Play("ann", score, 1, 1, "twice")
        answers.extend(submit(ScoreTable(client, "scores"), play.submission(rules)))

    Scheduler(dynamodb, lambda options: data.draw(st.integers(0, options - 1)), stalest=2).run(
        [task, task]
    )
    one, other = (submitted([answer]) for answer in answers)
    assert one == other
    assert sum(answer.written for answer in answers) <= 1


@settings(max_examples=40)
@given(data=st.data(), scores=st.lists(st.integers(0, 4), min_size=2, max_size=2, unique=True))
def test_a_play_submitted_at_once_with_two_scores_counts_with_one_of_them(
    table: ScoreTable, dynamodb: Any, data: st.DataObject, scores: list[int]
) -> None:
    """Whatever a stale read shows, the write itself refuses the play's other values."""
    rules = unplayed()
    accepted: list[int] = []
    conflicts: list[int] = []

    def task(score: int) -> Callable[[Any], None]:
        def run(client: Any) -> None:
            play = Play("ann", score, 1, 1, "twice")
            try:
                submit(ScoreTable(client, "scores"), play.submission(rules))
            except PlayAlreadySubmitted:
                conflicts.append(score)
            else:
                accepted.append(score)

        return run

    scheduler = Scheduler(
        dynamodb, lambda options: data.draw(st.integers(0, options - 1)), stalest=2
    )
    scheduler.run([task(score) for score in scores])
    [entry] = table.rows(board_key(rules.id, "all"))
    assert accepted == [entry.score]
    assert len(conflicts) == 1
