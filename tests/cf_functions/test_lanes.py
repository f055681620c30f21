"""The lane of a submission: by the player's address and the minute."""

from __future__ import annotations

from collections import Counter

from cf_functions.harness import Engine, run
from lambdas.scores.routes import LANE_ROUTES, LANES
from tests.cf_functions.cases import base_case

MINUTE_MS = 60_000


def lanes(engine: Engine, addresses: list[str], late_ms: int = 0) -> list[int]:
    """The lanes of the same submission from these addresses, a moment later."""
    calls = []
    for address in addresses:
        call = base_case("validate").call
        call.event["viewer"]["ip"] = address
        calls.append(type(call)(call.function, call.event, call.store, call.clock + late_ms))
    uris = [outcome.answer["uri"] for outcome in run(engine, calls)]
    original = base_case("validate").call.event["request"]["uri"].removeprefix("/api/scores")
    assert all(uri.endswith(original) for uri in uris)
    found = [uri.removeprefix("/api/scores-").removesuffix(original) for uri in uris]
    return [int(lane) for lane in found]


def test_every_lane_has_a_route_and_no_other_exists(engine: Engine) -> None:
    used = lanes(engine, [f"198.51.{n >> 8}.{n & 255}" for n in range(600)])
    routed = {
        route.path.removeprefix("/scores-").partition("/")[0] for route in LANE_ROUTES.below("")
    }
    assert {str(lane) for lane in used} == routed
    assert max(Counter(used).values()) < 3 * 600 / LANES


def test_one_address_meets_other_players_every_minute(engine: Engine) -> None:
    """A flood holds up the players in its lane, who have another one in the next minute."""
    flood, *players = (f"203.0.{n >> 8}.{n & 255}" for n in range(200))
    here = lanes(engine, [flood, *players])
    held_up = [player for player, lane in zip(players, here[1:], strict=True) if lane == here[0]]
    assert 0 < len(held_up) < 40
    later = lanes(engine, [flood, *held_up], MINUTE_MS)
    still = [lane for lane in later[1:] if lane == later[0]]
    assert len(still) <= len(held_up) / 2


def test_a_subscriber_of_ipv6_has_one_lane(engine: Engine) -> None:
    own = ["2001:db8:7::1", "2001:db8:7:ffff::2", "2001:db8:7:1:2:3:4:5"]
    assert len(set(lanes(engine, own))) == 1
    others = [f"2001:db8:{n:x}::1" for n in range(1, 60)]
    assert len(set(lanes(engine, others))) > LANES / 2


def test_an_address_cannot_choose_its_lane(engine: Engine) -> None:
    """Not by what it sends: the lane depends on nothing else."""
    call = base_case("validate").call
    call.event["request"]["headers"]["x-forwarded-for"] = {"value": "10.0.0.1"}
    [outcome] = run(engine, [call])
    [lane] = lanes(engine, [call.event["viewer"]["ip"]])
    assert outcome.answer["uri"].startswith(f"/api/scores-{lane}/")
