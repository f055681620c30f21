"""One address that asks for rankings no cache has holds up nobody who looks at a board of now."""

from __future__ import annotations

import json
from random import Random

from cf_functions.harness import Call, Engine, run
from lambdas.scores.routes import LANES, RANKING_LANE_ROUTES
from tests.cf_functions.cases import base_case


def asked(uri: str, address: str = "203.0.113.9", **query: str) -> Call:
    call = base_case("read_ranking").call
    call.event["viewer"]["ip"] = address
    call.event["request"] |= {
        "uri": uri,
        "querystring": {name: {"value": value} for name, value in query.items()},
    }
    return call


def uris(engine: Engine, calls: list[Call]) -> list[str | None]:
    """Where each goes on to; None for a refused one."""
    return [outcome.answer.get("uri") for outcome in run(engine, calls)]


def flood(count: int) -> list[Call]:
    """Rankings that differ: past periods, limits, pages, and boards that do not exist."""
    dice = Random(5)
    calls = []
    for _ in range(count):
        month = f"20{dice.randint(10, 40)}-{dice.randint(1, 14):02}"
        game = dice.choice(["snake", "snake", f"game{dice.randint(0, 999)}"])
        period = dice.choice(["all", "monthly", month, f"{month}-{dice.randint(1, 33):02}"])
        query = {"limit": str(dice.randint(0, 120))} if dice.random() < 0.7 else {}
        calls.append(asked(f"/api/ranking/{game}/{period}", **query))
    return calls


def test_a_flood_of_rankings_fills_one_lane_and_the_cache(engine: Engine) -> None:
    calls = flood(1500)
    went = list(zip(calls, uris(engine, calls), strict=True))
    usual = {
        (uri, str(call.event["request"]["querystring"]))
        for call, uri in went
        if uri and uri.startswith("/api/ranking/")
    }
    lanes = {uri.split("/")[2] for _, uri in went if uri and uri.startswith("/api/ranking-")}
    assert len(lanes) == 1
    assert len(usual) <= 4 * 7
    assert not any(uri and "/game" in uri for _, uri in went)


def test_every_lane_has_a_route_and_no_other_exists(engine: Engine) -> None:
    calls = [asked("/api/ranking/snake/2026-10", f"198.51.{n >> 8}.{n & 255}") for n in range(600)]
    used = {str(uri).split("/")[2] for uri in uris(engine, calls)}
    routed = {route.path.split("/")[1] for route in RANKING_LANE_ROUTES.below("")}
    assert used == routed
    assert len(routed) == LANES


def test_a_refusal_names_the_parameter_and_what_it_may_be(engine: Engine) -> None:
    calls = [
        asked("/api/ranking/snake/all", limit="101"),
        asked("/api/ranking/snake/all", **{"from": "102"}),
        asked("/api/ranking/snake/yearly"),
    ]
    bodies = [json.loads(outcome.answer["body"]) for outcome in run(engine, calls)]
    assert [body["error"]["message"] for body in bodies] == [
        "limit: a whole number from 1 to 100",
        "from: 1, or a rank that ends in 01 such as 101",
        "period: not one of this game; it has some of daily, weekly, monthly and all",
    ]
