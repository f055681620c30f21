"""A game's limits, narrowed on the running system: the edge refuses at once, whatever follows."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.capabilities import edge as edge_manifest
from config.edge_entries import edge_entries
from config.games import load_games
from local.edge.server import LocalEdge
from tests.e2e.operator import Operator
from tests.e2e.player import Player
from tests.system import System


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture(autouse=True)
def _as_deployed(htmlgame: Operator) -> Iterator[None]:
    yield
    htmlgame("limits", "snake", "--clear", "--yes")


def deploy_again(system: System) -> None:
    """Synchronises the store as CloudFormation does when a game has changed."""
    entries = json.dumps(edge_entries(load_games()))
    event = {"RequestType": "Update", "ResourceProperties": {"Entries": entries}}
    answer = system.cloud.client("lambda").invoke(
        FunctionName=edge_manifest.STORE_KEEPER.name, Payload=json.dumps(event).encode()
    )
    assert "FunctionError" not in answer


def entries(system: System) -> dict[str, Any]:
    values = system.edge_values("cfgthr#g:snake")
    return {key: json.loads(text)["limits"] for key, text in values.items()}


def test_the_edge_refuses_at_once_what_was_allowed_until_it_is_cleared(
    htmlgame: Operator, system: System, edge: LocalEdge
) -> None:
    before = entries(system)
    assert Player(edge.url).play(17).status == 200
    said = htmlgame("limits", "snake", "--set", "score.max=16", "--yes", "--json").json
    assert said["limits"]["score.max"] == {"deployed": 9999, "live": 16, "inForce": 16}
    edge.refresh()
    asked = edge.origin_requests
    assert Player(edge.url).play(17).code == (422, "out_of_limits")
    assert edge.origin_requests == asked
    assert Player(edge.url).play(16).status == 200
    htmlgame("trim", "snake", "--yes")
    deploy_again(system)
    assert {limits["score"][1] for limits in entries(system).values()} == {16}
    assert htmlgame("limits", "snake", "--clear", "--yes", "--json").json["done"]
    assert entries(system) == before
    edge.refresh()
    assert Player(edge.url).play(17).status == 200


def test_they_are_shown_as_deployed_as_set_and_in_force(htmlgame: Operator) -> None:
    htmlgame("limits", "snake", "--set", "perSecond=5.5", "--set", "graceMs=30000", "--yes")
    said = htmlgame("limits", "snake", "--json").json
    assert said["setAt"]
    assert said["limits"]["perSecond"] == {"deployed": 12, "live": 5.5, "inForce": 5.5}
    assert said["limits"]["score.max"] == {"deployed": 9999, "live": None, "inForce": 9999}
    people = htmlgame("limits", "snake").out
    assert [line.split() for line in people.splitlines() if "graceMs" in line] == [
        ["graceMs", "90,000", "30,000", "30,000"]
    ]
    record = htmlgame("audit", "--limit", "1", "--json").json_lines[0]
    assert record["arguments"] == {"game": "snake", "set": {"perSecond": 5.5, "graceMs": 30000}}


def test_one_after_another_they_add_up_and_as_deployed_is_none(htmlgame: Operator) -> None:
    htmlgame("limits", "snake", "--set", "score.max=100", "--yes")
    htmlgame("limits", "snake", "--set", "playMs.min=2000", "--yes")
    limits = htmlgame("limits", "snake", "--json").json["limits"]
    assert (limits["score.max"]["live"], limits["playMs.min"]["live"]) == (100, 2000)
    htmlgame("limits", "snake", "--set", "score.max=9999", "--yes")
    limits = htmlgame("limits", "snake", "--json").json["limits"]
    assert (limits["score.max"]["live"], limits["playMs.min"]["live"]) == (None, 2000)
    again = htmlgame("limits", "snake", "--set", "playMs.min=2000", "--yes", "--json").json
    assert again["done"] is False


REFUSED: dict[str, tuple[list[str], int, str]] = {
    "more points than the origin takes": (
        ["--set", "score.max=10000"],
        1,
        "the origin would refuse",
    ),
    "fewer points than it takes": (["--set", "score.min=-1"], 1, "is wider than the deployed 0"),
    "a longer grace": (["--set", "graceMs=90001"], 1, "config/game-config/snake.json and deploy"),
    "a longer pause": (["--set", "pauseMs=600001"], 1, "the rotation of keys"),
    "nothing left": (
        ["--set", "score.min=600", "--set", "score.max=500"],
        1,
        "so no play is valid",
    ),
    "no such limit": (["--set", "lives=3"], 2, "--set: 'lives' is not one of score.min"),
    "no value": (["--set", "score.max"], 2, "--set score.max: '' is not a whole number"),
    "half a point": (["--set", "score.max=0.5"], 2, "'0.5' is not a whole number"),
    "no points at all": (["--set", "perSecond=0"], 2, "'0' is not a number above 0"),
    "no number": (["--set", "perSecond=nan"], 2, "'nan' is not a number above 0"),
    "negative time": (["--set", "pauseMs=-1"], 2, "-1 is not within 0 and"),
    "both ways": (["--set", "score.max=5", "--clear"], 2, "--set or --clear, not both"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_impossible_limit_is_refused_with_the_reason(
    htmlgame: Operator, system: System, name: str
) -> None:
    options, code, message = REFUSED[name]
    before = entries(system)
    said = htmlgame("limits", "snake", *options, "--yes", "--json")
    assert said.code == code
    assert message in said.error["message"]
    assert entries(system) == before
