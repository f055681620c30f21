"""New thresholds follow a board that fills up or moves, once a window and within a budget."""

from dataclasses import replace
from typing import Any

import pytest

from lambdas.scores.boards import submit
from lambdas.scores.freshness import FreshThresholds, moved_since
from lambdas.scores.games import Game
from lambdas.scores.ledger_table import Refused, ThresholdLedger
from lambdas.scores.table import ScoreTable
from lambdas.shared.values.clock import from_iso
from tests.conftest import game
from tests.lambdas.scores.plays import Play

NOW = from_iso("2026-11-21T12:00:00.000Z")
WINDOW = 600_000
BOARDS = [["snake", "all"], ["snake", "2026-11"]]


class Ledger(ThresholdLedger):
    """Counts how often it is asked. Each time costs a write unit."""

    asked = 0

    def claim(self, *arguments: Any, **named: Any) -> Refused | None:
        self.asked += 1
        return super().claim(*arguments, **named)


class Edge:
    """A put-score with its memory, and what it asked for."""

    def __init__(self, table: ScoreTable, budget: int = 10) -> None:
        self.asked: list[Any] = []
        self.spent = 0
        self.ledger = Ledger(table._client, "scores")
        self._table = table
        self._fresh = FreshThresholds(
            self.ledger,
            self.asked.append,
            window_ms=WINDOW,
            budget=budget,
            on_budget_spent=self._on_budget_spent,
        )

    def _on_budget_spent(self) -> None:
        self.spent += 1

    def plays(self, rules: Game, user_id: str, score: int, at: int) -> bool:
        play = Play(user_id, score, 5, at, f"{user_id}{score}")
        return self._fresh.follow(rules, submit(self._table, play.submission(rules)), at)


@pytest.fixture
def rules() -> Game:
    return game(periods=("all", "monthly"), top_n=3)


@pytest.fixture
def edge(table: ScoreTable, rules: Game) -> Edge:
    edge = Edge(table)
    assert not edge.plays(rules, "ann", 10, NOW)
    assert not edge.plays(rules, "bob", 11, NOW + 1)
    assert edge.ledger.asked == 0
    return edge


def test_a_board_that_fills_up_gets_its_thresholds_at_once(edge: Edge, rules: Game) -> None:
    assert edge.plays(rules, "cyd", 12, NOW + 2)
    assert edge.asked == [BOARDS]


def test_a_full_board_that_moves_gets_them_once_a_window(edge: Edge, rules: Game) -> None:
    moments = [NOW + 2, NOW + 3, NOW + WINDOW + 1, NOW + WINDOW + 2, NOW + WINDOW + 3]
    asked = [edge.plays(rules, f"u{at}", 20 + at - NOW, at) for at in moments]
    assert asked == [True, False, False, True, False]
    assert edge.ledger.asked == 2


def test_other_instances_ask_the_ledger_and_get_the_same_answer(
    edge: Edge, table: ScoreTable, rules: Game
) -> None:
    other = Edge(table)
    assert edge.plays(rules, "cyd", 12, NOW + 2)
    assert not other.plays(rules, "dan", 13, NOW + 3)
    assert not other.plays(rules, "eve", 14, NOW + 4)
    assert other.ledger.asked == 1
    assert other.plays(rules, "fay", 15, NOW + 2 + WINDOW)


def test_a_play_that_changes_nothing_asks_for_nothing(edge: Edge, rules: Game) -> None:
    edge.plays(rules, "cyd", 12, NOW + 2)
    assert not edge.plays(rules, "dan", 1, NOW + 2 * WINDOW)
    assert edge.ledger.asked == 1


def test_over_the_budget_they_wait_for_the_trim(table: ScoreTable, rules: Game) -> None:
    edge = Edge(table, budget=1)
    for number, name in enumerate(("ann", "bob", "cyd")):
        edge.plays(rules, name, 10 + number, NOW + number)
    later = [edge.plays(rules, f"u{n}", 20 + n, NOW + WINDOW + 10 + n) for n in range(5)]
    assert not any(later)
    assert (len(edge.asked), edge.spent) == (1, 1)
    assert edge.ledger.asked == 2


def test_one_in_ten_entries_must_be_new() -> None:
    rules = game(top_n=20)
    board = [Play(f"u{n}", 1, 5, NOW + n, "p").entry(rules) for n in range(20)]
    assert moved_since(board, 20) == NOW + 18
    assert moved_since(board[:19], 20) == 0
    assert moved_since([replace(board[0])], 1) == NOW
