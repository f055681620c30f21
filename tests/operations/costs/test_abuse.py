"""Dollars an hour of a flooded route, and the throttles that limit them."""

from dataclasses import replace

import pytest

from config.capabilities.scores import Scores
from config.environments import DELIVERED
from config.settings import Throttle
from config.units import NOTHING, Usage
from operations.costs.abuse import BOTS, LAPTOP, dollars_an_hour, rows
from operations.costs.part import Abused

REPLAYED = "PUT /api/scores, the same play again and again"


def test_a_request_costs_its_edge_and_only_those_within_the_throttle_their_origin() -> None:
    million = Usage({"dynamodb.writes": 1_000_000 / 3600})
    abused = Abused(route="x", edge=NOTHING, origin=million, one_a_second=2, all_a_second=32)
    log = 3600 * 330 / 1e9 * 0.53
    assert dollars_an_hour(abused, LAPTOP) == pytest.approx(2 * 0.625 + 298 * log, rel=0.01)
    assert dollars_an_hour(abused, BOTS) == pytest.approx(32 * 0.625 + 9968 * log, rel=0.01)


def test_every_kind_of_public_route_is_in_the_table() -> None:
    routes = " ".join(row.route for row in rows())
    for part in ("get-start", "get-end", "scores", "ranking", "telemetry", "data", "creators"):
        assert part in routes


def test_a_laptop_reaches_the_origin_through_one_lane_of_sixteen() -> None:
    [row] = [row for row in rows() if row.route == REPLAYED]
    assert row.reach == 320
    slow = Scores(submissions=Throttle(requests_per_second=1, burst=1))
    [slower] = [
        each for each in rows(replace(DELIVERED, capabilities=(slow,))) if each.route == REPLAYED
    ]
    assert slower.reach == 16
    assert slower.laptop < row.laptop
    assert row.laptop < row.bots
