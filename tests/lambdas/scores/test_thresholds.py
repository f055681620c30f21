"""A full board's threshold reaches the edge in the board's order and for the board's period."""

import json
from typing import Any

import pytest

from lambdas.scores.games import Game
from lambdas.scores.periods import Period
from lambdas.scores.thresholds import Threshold, published
from tests.conftest import game
from tests.lambdas.scores.plays import Play

MONTH = Period("monthly", "2026-11", 100, 200)
KEY = "cfgthr#g:snake#p:monthly"
ORDER = [["score", "desc"], ["timeMs", "asc"], ["updatedAt", "asc"]]


def store(**entry: Any) -> dict[str, str]:
    return {KEY: json.dumps({"v": 1, "order": ORDER, "topN": 3} | entry)}


def publish(values: dict[str, str], last: Play | None, rules: Game | None = None) -> Any:
    rules = rules or game()
    threshold = Threshold(rules, MONTH, last.entry(rules) if last else None)
    text = published(values, [threshold], 150).puts.get(KEY)
    return text and json.loads(text)


def test_a_full_board_publishes_its_last_in_its_order_and_its_window() -> None:
    entry = publish(store(), Play("ann", 40, 5, 7, "p"))
    assert (entry["thr"], entry["from"], entry["until"]) == ([40, 5, 7], 100, 200)
    assert entry["topN"] == 3


def test_a_board_with_room_takes_its_threshold_back() -> None:
    entry = publish(store(thr=[40, 5, 7], **{"from": 1, "until": 100}), None)
    assert "thr" not in entry
    assert (entry["from"], entry["until"]) == (100, 200)


def test_a_threshold_that_the_edge_has_is_not_written_again() -> None:
    known = publish(store(), Play("ann", 40, 5, 7, "p"))
    assert publish({KEY: json.dumps(known)}, Play("ann", 40, 5, 7, "p")) is None


def test_a_board_that_the_edge_does_not_know_or_orders_otherwise_is_left_alone() -> None:
    assert publish({}, Play("ann", 40, 5, 7, "p")) is None
    other = game(order=(("timeMs", "asc"),))
    assert publish(store(), Play("ann", 40, 5, 7, "p"), other) is None


@pytest.mark.parametrize("broken", ["", "{", "[]", "1", "{}"])
def test_an_entry_that_was_broken_by_hand_keeps_no_other_from_its_threshold(broken: str) -> None:
    day = Period("daily", "2026-11-21", 100, 200)
    rules, values = game(), {"cfgthr#g:snake#p:daily": broken} | store()
    last = Play("ann", 40, 5, 7, "p").entry(rules)
    changes = published(values, [Threshold(rules, each, last) for each in (day, MONTH)], 150)
    assert list(changes.puts) == [KEY]


def test_the_board_of_all_time_ends_never() -> None:
    ever = Period("all", "all", 0, None)
    values = {"cfgthr#g:snake#p:all": json.dumps({"v": 1, "order": ORDER, "topN": 3})}
    rules = game()
    last = Play("ann", 1, 2, 3, "p").entry(rules)
    [text] = published(values, [Threshold(rules, ever, last)], 150).puts.values()
    assert json.loads(text)["until"] == 0
