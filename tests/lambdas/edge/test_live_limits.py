"""Limits that are narrowed live stay through trims and deploys, and never widen anything."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.edge.live_limits import (
    LIMITS,
    LiveLimitsError,
    Number,
    limited,
    live_limits,
    narrowed,
    packaged_limits,
)
from lambdas.edge.store_sync import synchronised
from lambdas.scores.periods import EVER
from lambdas.scores.thresholds import Threshold, published
from tests.conftest import game

PACKAGED: dict[str, Any] = {
    "score": [0, 9999],
    "perSecond": None,
    "playMs": [1000, 60_000],
    "graceMs": 90_000,
    "pauseMs": 0,
}
ENTRY: dict[str, Any] = {
    "v": 1,
    "order": [["score", "desc"], ["timeMs", "asc"], ["updatedAt", "asc"]],
    "topN": 3,
    "limits": PACKAGED,
}
GAME, BOARD, OTHER = "cfgthr#g:snake", "cfgthr#g:snake#p:all", "cfgthr#g:snake-2#p:all"
WANTED = {GAME: ENTRY, BOARD: ENTRY, OTHER: ENTRY}
AT = "2026-11-21T12:00:00.000Z"


def deployed(wanted: dict[str, Any] | None = None) -> dict[str, str]:
    return dict(synchronised({}, wanted or WANTED).puts)


def with_limits(values: dict[str, str], live: dict[str, Number]) -> dict[str, str]:
    changes = limited(values, "snake", live, AT)
    return {k: v for k, v in (values | changes.puts).items() if k not in changes.deletes}


def limits_in(values: dict[str, str], key: str = BOARD) -> Any:
    return json.loads(values[key])["limits"]


def test_each_of_a_games_entries_is_narrowed_and_no_other_games() -> None:
    values = with_limits(deployed(), {"score.max": 500, "perSecond": 4.5})
    expected = PACKAGED | {"score": [0, 500], "perSecond": 4.5}
    assert limits_in(values, GAME) == limits_in(values) == expected
    assert limits_in(values, OTHER) == PACKAGED


def test_they_survive_a_trim() -> None:
    values = with_limits(deployed(), {"score.max": 500})
    rules = game(top_n=3)
    values |= published(values, [Threshold(rules, EVER, None)], 150).puts
    assert limits_in(values)["score"] == [0, 500]


def test_they_survive_a_deploy_and_a_threshold_survives_them() -> None:
    values = deployed()
    values[BOARD] = json.dumps(ENTRY | {"from": 1, "until": 2, "thr": [9, 9, 9]})
    values = with_limits(values, {"score.max": 500})
    values |= synchronised(values, WANTED).puts
    entry = json.loads(values[BOARD])
    assert (entry["limits"]["score"], entry["thr"]) == ([0, 500], [9, 9, 9])
    assert synchronised(values, WANTED).puts == {}


def test_where_a_deploy_brings_a_narrower_limit_that_one_counts() -> None:
    values = with_limits(deployed(), {"score.max": 500, "graceMs": 1000})
    entry = ENTRY | {"limits": PACKAGED | {"score": [10, 300]}}
    values |= synchronised(values, {GAME: entry, BOARD: entry}).puts
    assert limits_in(values) == PACKAGED | {"score": [10, 300], "graceMs": 1000}


def test_cleared_they_are_those_of_the_last_deploy() -> None:
    values = with_limits(deployed(), {"score.max": 500})
    entry = ENTRY | {"limits": PACKAGED | {"score": [0, 800]}}
    values |= synchronised(values, {GAME: entry, BOARD: entry}).puts
    assert limits_in(values)["score"] == [0, 500]
    values = with_limits(values, {})
    assert limits_in(values)["score"] == [0, 800]
    assert live_limits(values, "snake") is None


def test_the_deployed_limits_are_known_while_others_are_in_force() -> None:
    values = with_limits(deployed(), {"score.max": 500})
    assert packaged_limits(values, "snake") == PACKAGED
    values = with_limits(values, {"score.max": 700})
    assert limits_in(values)["score"] == [0, 700]


def test_they_go_with_their_game() -> None:
    values = with_limits(deployed(), {"score.max": 500})
    changes = synchronised(values, {OTHER: ENTRY})
    assert changes.deletes == {GAME, BOARD, "limits#snake"}


def test_a_game_the_edge_does_not_know_has_none() -> None:
    with pytest.raises(LiveLimitsError, match="the edge does not know tetris"):
        limited(deployed(), "tetris", {"score.max": 1}, AT)


@pytest.mark.parametrize("text", ["", "1", "{}", '{"set":{},"of":{}}'])
def test_a_foreign_value_under_the_key_is_refused(text: str) -> None:
    values = deployed() | {"limits#snake": text}
    with pytest.raises(LiveLimitsError, match="limits#snake in the edge's store is not"):
        synchronised(values, WANTED)


@given(
    live=st.dictionaries(
        st.sampled_from([limit.name for limit in LIMITS]), st.integers(0, 100_000)
    ),
    points=st.none() | st.integers(1, 100),
)
def test_nothing_they_say_ever_widens_a_limit(live: dict[str, Number], points: int | None) -> None:
    packaged = PACKAGED | {"perSecond": points}
    result = narrowed(packaged, live)
    for limit in LIMITS:
        before, after = limit.of(packaged), limit.of(result)
        if before is not None:
            assert after == limit.narrowed(before, after if after is not None else before)
    assert narrowed(result, live) == result
