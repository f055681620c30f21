"""A store's entries, in words."""

import json
from typing import Any

import pytest

from lambdas.edge.live_limits import LiveLimits
from local.status.panels.edge.entries import described

NOW = 1_795_262_400_000
DAY = 86_400_000
ENTRY = {
    "v": 1,
    "order": [["score", "desc"], ["timeMs", "asc"], ["updatedAt", "asc"]],
    "topN": 100,
    "limits": {"score": [0, 9999]},
    "identity": "key",
}
LAST = {"thr": [1200, 34_000, NOW - DAY], "from": NOW - DAY, "until": NOW + DAY}


def board(**changes: Any) -> dict[str, Any]:
    text = json.dumps(ENTRY | changes)
    [entry] = described({"cfgthr#g:snake#p:daily": text}, NOW)
    return entry


def test_a_token_key_is_described_without_its_secret() -> None:
    [entry] = described({"k_current": "toubmj:canary-secret"}, NOW)
    assert (entry["kind"], entry["kid"], entry["secretCharacters"]) == ("key", "toubmj", 13)
    assert entry["madeAt"] == int("toubmj", 36) * 1000
    assert "canary" not in json.dumps(entry)


@pytest.mark.parametrize("value", ["canary", ":canary", "KID:canary", "canary:", ""])
def test_a_key_that_is_none_is_said_to_be_corrupt_and_not_shown(value: str) -> None:
    [entry] = described({"k_prev": value}, NOW)
    assert entry["kind"] == "corrupt" or entry["secretCharacters"] == len("canary")
    assert "canary" not in json.dumps(entry)


def test_a_ban_has_its_player_and_its_note() -> None:
    [entry] = described({"ban#ann": "x" * 300}, NOW)
    assert (entry["kind"], entry["userId"], entry["note"]) == ("ban", "ann", "x" * 200 + "…")


def test_a_value_nobody_knows_is_not_shown() -> None:
    [entry] = described({"mine": "canary"}, NOW)
    assert entry == {"key": "mine", "bytes": 6, "kind": "other"}


def test_limits_that_were_narrowed_by_hand_say_which_and_since_when() -> None:
    live = LiveLimits({"score.max": 900}, {"score": [0, 9999]}, "2026-11-21T12:00:00.000Z")
    [entry] = described({"limits#snake": live.text()}, NOW)
    assert (entry["kind"], entry["game"], entry["set"]) == ("limits", "snake", {"score.max": 900})
    assert entry["at"] == "2026-11-21T12:00:00.000Z"
    [broken] = described({"limits#snake": "canary"}, NOW)
    assert (broken["kind"], "canary" in str(broken)) == ("corrupt", False)


def test_a_game_and_its_boards_are_distinguished() -> None:
    keys = ("cfgthr#g:snake", "cfgthr#g:snake#p:all")
    game, of_all_time = described(dict.fromkeys(keys, json.dumps(ENTRY)), NOW)
    assert (game["kind"], game["game"], game["period"]) == ("game", "snake", None)
    assert (of_all_time["kind"], of_all_time["period"]) == ("board", "all")
    assert of_all_time["order"][0] == ("score", "desc")


def test_a_board_with_room() -> None:
    entry = board()
    assert (entry["last"], entry["window"]) == (None, None)
    assert entry["meaning"] == "Has room: every valid score is forwarded."


def test_a_threshold_says_what_it_takes() -> None:
    entry = board(**LAST)
    assert entry["last"] == {"score": 1200, "timeMs": 34_000, "updatedAt": NOW - DAY}
    assert entry["window"] == "open"
    assert entry["meaning"] == (
        "A score enters with score above 1,200; or if equal, timeMs below 34,000; "
        "or if equal, updatedAt below 2026-11-20 12:00:00 UTC."
    )


@pytest.mark.parametrize(
    ("times", "window"),
    [
        ({"from": NOW + 1, "until": NOW + DAY}, "to come"),
        ({"from": NOW - DAY, "until": NOW}, "over"),
        ({"from": NOW, "until": NOW + 1}, "open"),
        ({"from": 0, "until": 0}, "open"),
    ],
)
def test_a_threshold_judges_in_its_window_alone(times: dict[str, int], window: str) -> None:
    entry = board(**{**LAST, **times})
    assert entry["window"] == window
    assert ("another period" in entry["meaning"]) == (window != "open")


@pytest.mark.parametrize(
    "value",
    ["{", "[]", "1", "{}", '{"order": [["score"]]}', json.dumps(ENTRY | {"thr": [1]})],
)
def test_an_entry_the_edge_could_not_read_is_said_to_be_corrupt(value: str) -> None:
    [entry] = described({"cfgthr#g:snake#p:all": value}, NOW)
    assert (entry["kind"], "cannot read" in entry["problem"]) == ("corrupt", True)
