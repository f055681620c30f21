"""A deploy brings the games; the thresholds that plays have earned stay."""

import json
from typing import Any

import pytest

from config.edge_entries import edge_entries, longest_play_ms, rotation_rest_seconds
from config.games import Game, Limits, Range, load_games
from config.model import ConfigError
from lambdas.edge.store_sync import synchronised

ENTRY: dict[str, Any] = {"v": 1, "order": [["score", "desc"]], "topN": 3}
LIVE = {"from": 1, "until": 2, "thr": [10], "updatedAt": "x"}
KEY = "cfgthr#g:snake#p:all"


def stored(**entry: Any) -> dict[str, str]:
    return {KEY: json.dumps(ENTRY | entry, separators=(",", ":"))}


def test_a_new_game_is_written_as_it_is() -> None:
    assert json.loads(synchronised({}, {KEY: ENTRY}).puts[KEY]) == ENTRY


def test_a_live_threshold_survives_a_deploy() -> None:
    changes = synchronised(stored(**LIVE), {KEY: ENTRY | {"limits": "new"}})
    assert json.loads(changes.puts[KEY]) == ENTRY | {"limits": "new"} | LIVE


@pytest.mark.parametrize("change", [{"order": [["timeMs", "asc"]]}, {"topN": 5}])
def test_a_threshold_of_another_order_or_size_does_not(change: dict[str, Any]) -> None:
    changes = synchronised(stored(**LIVE), {KEY: ENTRY | change})
    assert json.loads(changes.puts[KEY]) == ENTRY | change


@pytest.mark.parametrize("broken", ["", "{", "[]", "1", "{}", '{"order": 1}'])
def test_an_entry_that_was_broken_by_hand_is_made_again(broken: str) -> None:
    """The edge refuses every play of it, and nothing but a deploy writes it."""
    assert json.loads(synchronised({KEY: broken}, {KEY: ENTRY}).puts[KEY]) == ENTRY


def test_nothing_is_written_where_nothing_changed() -> None:
    changes = synchronised(stored(**LIVE), {KEY: ENTRY})
    assert (changes.puts, changes.deletes) == ({}, set())


def test_a_game_that_is_gone_goes_and_keys_and_bans_stay() -> None:
    values = stored() | {"k_current": "a:b", "ban#x": "1"}
    assert synchronised(values, {}).deletes == {KEY}


def test_every_game_has_an_entry_and_one_for_each_period() -> None:
    entries = edge_entries(load_games())
    assert "cfgthr#g:snake" in entries
    assert {key.rpartition("#p:")[2] for key in entries if "snake#p:" in key} == {
        "all",
        "monthly",
        "weekly",
        "daily",
    }
    assert entries["cfgthr#g:snake"]["order"][-1] == ["updatedAt", "asc"]


def test_a_value_that_cloudfront_would_not_take_fails_at_synth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("config.edge_entries.MOST_VALUE_BYTES", 100)
    with pytest.raises(ConfigError, match=r"snake\.json: \d+ bytes in the edge's store"):
        edge_entries({"snake": load_games()["snake"]})


def test_a_play_may_last_as_long_as_the_longest_game_lets_it() -> None:
    limits = Limits(playMs=Range(min=1, max=5000), pauseMs=300, graceMs=20)
    game = Game(title="x", order=[("score", "desc")], limits=limits)
    assert longest_play_ms({"x": game}) == 5320


def test_between_rotations_every_play_ends_and_the_distribution_changes_over() -> None:
    """A quick game's plays are over long before every edge location has read a lock."""

    def played_for(most_ms: int) -> dict[str, Game]:
        limits = Limits(playMs=Range(min=1, max=most_ms), graceMs=0)
        return {"x": Game(title="x", order=[("score", "desc")], limits=limits)}

    assert rotation_rest_seconds(played_for(1000)) >= 1800
    assert rotation_rest_seconds(played_for(7_200_000)) > 7200
