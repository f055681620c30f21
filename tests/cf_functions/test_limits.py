"""Limits count against the time that passed, not only against the time that is claimed."""

from __future__ import annotations

import json

import pytest

from cf_functions.assemble import ROOT
from cf_functions.harness import Engine, Outcome, run
from lambdas.scores.games import EDGE_SKEW_MS
from tests.cf_functions import client
from tests.cf_functions.cases import base_case
from tests.cf_functions.plays import SECOND

KEY = client.Key("a", "first-secret-first-secret-first-secret-1234")
SNAKE_KEY = "cfgthr#g:snake"


def code(outcome: Outcome) -> str | None:
    """The refusal's code; None where it is no refusal."""
    body = outcome.answer.get("body")
    return (
        json.loads(body)["error"]["code"]
        if "statusCode" in outcome.answer and (outcome.answer["statusCode"] != 200) and body
        else None
    )


def ended_after(engine: Engine, elapsed: int, claimed: int, shortest: int) -> str | None:
    call = base_case("get_end").call
    entry = json.loads(call.store.values[SNAKE_KEY])
    entry["limits"]["playMs"][0] = shortest
    call.store.values[SNAKE_KEY] = json.dumps(entry)
    start = client.milliseconds("2026-11-21T12:00:00.000Z")
    headers = call.event["request"]["headers"]
    headers["x-play-ms"] = {"value": str(claimed)}
    call = type(call)(call.function, call.event, call.store, start + elapsed)
    [outcome] = run(engine, [call])
    return code(outcome)


@pytest.mark.parametrize(
    ("elapsed", "refused"),
    [(170, "play_time_mismatch"), (1499, "play_time_mismatch"), (1500, None), (2100, None)],
)
def test_a_play_takes_its_shortest_time(engine: Engine, elapsed: int, refused: str | None) -> None:
    """A win of minesweeper after 0.17 s claimed the shortest time, within the tolerance."""
    assert ended_after(engine, elapsed, 1500, 1500) == refused


def submitted(engine: Engine, elapsed: int, claimed: int, score: int) -> str | None:
    """A play of snake, at 20 points a second."""
    call = base_case("validate").call
    start = client.milliseconds("2026-11-21T12:00:00.000Z")
    board = f"{SNAKE_KEY}#p:all"
    entry = json.loads(call.store.values[board])
    call.store.values[board] = json.dumps({**entry, "thr": None})
    headers = call.event["request"]["headers"]
    user = call.event["request"]["uri"].rpartition("/")[2]
    play = client.Play("snake", user, "q1w2e3r4t5y6u7i8o9p0aA", start)
    end = play.token_end(KEY, start + elapsed, claimed, KEY)
    headers["x-token-start"] = {"value": play.token_start(KEY)}
    headers["x-token-end"] = {"value": end}
    headers["x-score"] = {"value": str(score)}
    signed = client.signature(
        end, headers["x-player"]["value"], str(score), "2026-11-21", "q1w2e3r4t5y6u7i8o9p0aA"
    )
    headers["x-sig"] = {"value": signed}
    call = type(call)(call.function, call.event, call.store, start + elapsed + SECOND)
    [outcome] = run(engine, [call])
    return code(outcome)


@pytest.mark.parametrize(
    ("elapsed", "claimed", "score", "refused"),
    [
        (10_000, 10_000, 200, None),
        (10_000, 12_000, 200, None),
        (10_000, 12_000, 201, "out_of_limits"),
        (10_000, 12_000, 240, "out_of_limits"),
        (20_000, 10_000, 200, None),
        (20_000, 10_000, 201, "out_of_limits"),
    ],
    ids=["played", "clocks", "claimed-points", "most-claimed", "paused", "points-of-a-pause"],
)
def test_points_count_against_the_time_that_passed(
    engine: Engine, elapsed: int, claimed: int, score: int, refused: str | None
) -> None:
    assert submitted(engine, elapsed, claimed, score) == refused


def test_the_origin_knows_the_edge_s_tolerance() -> None:
    """The claim of a play lasts as long as the edge accepts its tickets."""
    source = (ROOT / "lib" / "games.js").read_text(encoding="utf-8")
    assert f"export const SKEW_MS = {EDGE_SKEW_MS};" in source
