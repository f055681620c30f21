"""One play counts with one set of values, on all boards and for as long as its ticket is valid."""

from dataclasses import replace
from typing import Any

import pytest

from lambdas.scores.boards import submit
from lambdas.scores.errors import PlayAlreadySubmitted
from lambdas.scores.games import EDGE_SKEW_MS, Game
from lambdas.scores.periods import EVER, Period
from lambdas.scores.play_table import play_key
from lambdas.scores.submission import ARRIVAL_MS
from lambdas.scores.table import ScoreTable, board_key
from lambdas.shared.dynamo.items import packed, unpacked
from tests.lambdas.scores.plays import Play, standing

MONTH = Period("monthly", "2026-11", 0, 2**52)
WEEK = Period("weekly", "2026-W47", 0, 2**52)
PLAY = Play("ann", 10, 5, 1, "p1")


def claim(table: ScoreTable, play: Play = PLAY) -> dict[str, Any]:
    key = packed(play_key("snake", play.user_id, f"{play.id}.x"))
    return unpacked(table._client.get_item(TableName="scores", Key=key).get("Item", {}))


def test_a_play_cannot_count_with_three_scores_on_three_boards(
    table: ScoreTable, snake: Game
) -> None:
    submit(table, PLAY.submission(snake, EVER))
    for score, period in ((20, MONTH), (30, WEEK)):
        with pytest.raises(PlayAlreadySubmitted):
            submit(table, replace(PLAY, score=score).submission(snake, period))
    assert [standing(table, board_key("snake", each.id)) for each in (MONTH, WEEK)] == [[], []]


def test_a_play_cannot_take_turns_with_another_on_one_board(table: ScoreTable, snake: Game) -> None:
    """The entry that stands is the other play's, so it says nothing about this one."""
    submit(table, PLAY.submission(snake))
    submit(table, Play("ann", 20, 5, 2, "p2").submission(snake))
    with pytest.raises(PlayAlreadySubmitted):
        submit(table, replace(PLAY, score=30).submission(snake))
    assert [entry.score for entry in standing(table, board_key("snake", "all"))] == [20]


def test_a_play_whose_entry_was_removed_keeps_its_values(table: ScoreTable, snake: Game) -> None:
    submit(table, PLAY.submission(snake))
    [entry] = standing(table, board_key("snake", "all"))
    assert table.evict(board_key("snake", "all"), entry)
    with pytest.raises(PlayAlreadySubmitted):
        submit(table, replace(PLAY, score=11).submission(snake))
    [again] = submit(table, PLAY.submission(snake))
    assert again.settled.accepted


def test_a_request_that_was_cut_after_its_claim_is_completed_by_its_retry(
    table: ScoreTable, snake: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: Any, **__: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(ScoreTable, "put", cut)
        with pytest.raises(ConnectionError):
            submit(table, PLAY.submission(snake, EVER, MONTH))
    outcomes = submit(table, PLAY.submission(snake, EVER, MONTH))
    assert [outcome.settled.accepted for outcome in outcomes] == [True, True]


def test_a_play_that_no_board_takes_leaves_no_claim(table: ScoreTable, snake: Game) -> None:
    for name in ("bob", "cyd", "dan"):
        submit(table, Play(name, 50, 5, 1, name).submission(snake))
    submit(table, PLAY.submission(snake))
    assert claim(table) == {}


def test_a_claim_expires_when_no_ticket_of_its_play_is_valid_any_more(
    table: ScoreTable, snake: Game
) -> None:
    clocked = ScoreTable(table._client, "scores", clock=lambda: 1_000_000.0)
    submit(clocked, PLAY.submission(snake))
    longest_ms = snake.play_range[1] + snake.grace_ms + EDGE_SKEW_MS + ARRIVAL_MS
    assert claim(table)["expires"] == 1_000_000 + longest_ms // 1000


def test_a_claim_outlasts_the_pauses_of_its_play(table: ScoreTable, snake: Game) -> None:
    """The edge ends a play as late as its longest time and its pauses allow.

    So one end can be submitted early, and another end of the same play a day later.
    """
    day_ms = 86_400_000
    paused = replace(snake, pause_ms=day_ms)
    submitted_s = 1_000_000
    clocked = ScoreTable(table._client, "scores", clock=lambda: float(submitted_s))
    submit(clocked, PLAY.submission(paused))
    last_ticket_s = submitted_s + (snake.play_range[1] + day_ms + snake.grace_ms) // 1000
    assert claim(table)["expires"] > last_ticket_s


def test_players_and_games_may_choose_the_same_ids(table: ScoreTable, snake: Game) -> None:
    submit(table, PLAY.submission(snake))
    [other] = submit(table, replace(PLAY, user_id="bob", score=9).submission(snake))
    [elsewhere] = submit(table, replace(PLAY, score=8).submission(replace(snake, id="tetris")))
    assert other.settled.accepted
    assert elsewhere.settled.accepted
