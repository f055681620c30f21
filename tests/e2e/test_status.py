"""After a play through the edge, the status page shows each step of that play, and no secret."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config import names
from config.capabilities import edge as edge_manifest
from config.capabilities import scores
from lambdas.scores.table import board_key
from local.edge import LocalEdge
from local.edge.control import key_value_store_client
from local.status import StatusPage
from tests.e2e.conftest import System
from tests.e2e.player import Player

Json = dict[str, Any]
EVIL = {"Authorization": "Bearer canary-authorization", "X-Api-Key": "canary-api-key"}


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    for period in ("all", "monthly"):
        now = system.origin.ranking("snake", period).body["period"]
        system.empty(board_key("snake", now))
    edge = LocalEdge(system.cloud, 0, pages=StatusPage)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture(scope="module")
def played(edge: LocalEdge) -> Player:
    """Started, ended, forged, submitted, and looked up twice."""
    player = Player(edge.url)
    assert player.start().status == 200
    assert player.end().status == 200
    assert player.submit(17, change={"X-Score": "18", **EVIL}).status == 401
    assert player.submit(17, "all,monthly", change=EVIL).status == 200
    edge.refresh()
    player.ranking("all", "?limit=61")
    player.ranking("all", "?limit=61")
    return player


@pytest.fixture(scope="module")
def told(edge: LocalEdge, played: Player) -> Json:
    assert played.token_end
    edge.refresh()
    told: Json = played.ask("GET", "/status.json").body
    while told["cloud"]["at"] is None:  # the page answers before a slow cloud has been read
        told = played.ask("GET", "/status.json").body
    assert told["problems"] == {}
    return told


def test_each_request_shows_who_decided_and_how(told: Json) -> None:
    hit, miss, submitted, forged, ended, started = told["requests"]
    for each, function in ((started, scores.GET_START.name), (ended, scores.GET_END.name)):
        assert (each["verdict"], each["function"], each["status"]) == ("answered", function, 200)
        assert (each["origin"], len(each["reads"])) == (None, 2)
    assert (forged["verdict"], forged["function"]) == ("refused", scores.VALIDATE.name)
    assert (forged["code"], forged["message"]) == ("bad_signature", "x-sig: does not match")
    assert (forged["origin"], forged["lines"]) == (None, [])
    assert (submitted["verdict"], submitted["behaviour"]) == ("forwarded", "/api/scores/*")
    assert (submitted["function"], submitted["originStatus"]) == (scores.VALIDATE.name, 200)
    assert submitted["reads"][:3] == [
        "k_current",
        "cfgthr#g:snake#p:all",
        "cfgthr#g:snake#p:monthly",
    ]
    assert (miss["verdict"], miss["cache"], miss["originStatus"]) == ("forwarded", "miss", 200)
    assert (hit["verdict"], hit["cache"], hit["originStatus"]) == ("cached", "hit", None)


def test_each_request_shows_its_cost(told: Json) -> None:
    hit, miss, submitted, *_ = told["requests"]
    [line] = submitted["lines"]
    assert (line["function"], line["status"], line["accepted"]) == (
        scores.PUT_SCORE.name,
        200,
        True,
    )
    # one claim of the play, and an entry on each of two boards
    assert (line["rru"], line["wru"]) == (1.0, 3.0 + line["invalidated"])
    [read] = miss["lines"]
    assert (read["function"], read["rru"]) == (scores.GET_RANKING.name, 0.5)
    board = next(b for b in told["boards"] if (b["game"], b["period"]) == ("snake", "all"))
    assert read["rruByRules"] == board["units"]
    assert hit["lines"] == []


def test_units_stand_by_function(told: Json) -> None:
    spent = {each["function"]: each for each in told["spent"]}
    put, get = spent[scores.PUT_SCORE.name], spent[scores.GET_RANKING.name]
    assert (put["requests"], put["rru"], put["failures"]) == (1, 1.0, 0)
    assert (get["requests"], get["rru"], get["wru"]) == (1, 0.5, 0)
    assert told["edge"]["originRequests"] == 2


def test_the_page_shows_the_deployed_system(system: System, told: Json) -> None:
    stacks = {stack["name"]: stack for stack in told["stacks"]}
    for name in (names.FRONT_STACK, scores.CAPABILITY.stack, edge_manifest.CAPABILITY.stack):
        assert stacks[name]["status"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    table = {"name": scores.TABLE.parameter, "value": system.parameter(scores.TABLE.parameter)}
    assert table in stacks[scores.CAPABILITY.stack]["parameters"]
    patterns = [each["pattern"] for each in told["distribution"]["behaviours"]]
    assert patterns.index("/api/scores/*") < patterns.index("default (*)") == len(patterns) - 1
    [store] = told["stores"]
    assert {scores.GET_START.name, scores.GET_END.name, scores.VALIDATE.name} <= set(
        store["readers"]
    )
    kinds = {entry["key"]: entry["kind"] for entry in store["entries"]}
    assert kinds["k_current"] == "key"
    assert kinds["cfgthr#g:snake#p:monthly"] == "board"
    assert told["boards"] != []


def test_the_page_shows_no_secret_of_the_play_or_the_system(
    system: System, edge: LocalEdge, played: Player, told: Json
) -> None:
    store = key_value_store_client(system.cloud)
    arn = system.parameter(names.EDGE_STORE_ARN)
    current = store.get_key(KvsARN=arn, Key="k_current")["Value"]
    secrets = {
        "token_start": played.token_start,
        "token_end": played.token_end,
        "user key": played.key,
        "cookie": played.cookie,
        "signature": played.submission(17)["X-Sig"],
        "authorization": "canary-authorization",
        "api key": "canary-api-key",
        "token key": current.partition(":")[2],
        **{f"lock {n}": v for n, v in enumerate(system.parameter(names.ORIGIN_LOCK).split(","))},
    }
    text = json.dumps(told)
    files = "".join(
        str(played.ask("GET", path).body)
        for path in ("/status.html", "/status/status.js", "/status/status.css")
    )
    assert all(secrets.values())
    assert [name for name, secret in secrets.items() if secret in text + files] == []
    assert [name for name, secret in secrets.items() if secret in repr(edge.recent)] == []
