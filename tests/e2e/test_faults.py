"""A drill of AWS's failures: what the player sees, that nothing is lost, how it recovers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config import names
from config.capabilities import edge as edge_manifest
from config.capabilities import scores
from config.environments import COMPLETE
from lambdas.scores.table import board_key
from local.edge.control import key_value_store_client
from local.edge.server import LocalEdge
from local.scores.boards import fill
from tests.e2e.creator import until
from tests.e2e.player import Player, Reply
from tests.e2e.test_alarms import Watch, invoke, wipe
from tests.faults import Fault, Proxy, calls_through, throttled, xml_error
from tests.sdk.node import ROOT, SDK, failures
from tests.stacks.test_ops_stack import Stack
from tests.system import System

GAME = "minesweeper"
SKEWED = ROOT / "tests" / "e2e" / "skewed.test.js"
TIME_MS = 1500
ENTRY = "UpdateItem.*G#"
"""The write of a player's row, and not of the ledger's."""


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture
def player(edge: LocalEdge) -> Player:
    """At the end of a play that has not been submitted yet."""
    player = Player(edge.url, game=GAME)
    assert player.start().status == 200
    assert player.end(TIME_MS).status == 200
    return player


@pytest.fixture(scope="module")
def put_scores_database(system: System) -> Iterator[Proxy]:
    """Between put-score and DynamoDB; in four seconds it has asked twice and cannot have ended."""
    with calls_through(system, scores.PUT_SCORE.name, "dynamodb", Timeout=4) as proxy:
        # Its start counts too: let that be over.
        system.origin.submit("nogame", "all", "x" * 22, score=1, time_ms=1, play="warm")
        yield proxy


@pytest.fixture
def database(put_scores_database: Proxy) -> Iterator[Proxy]:
    yield put_scores_database
    put_scores_database.faults = []


@pytest.fixture(scope="module")
def guards_cloudfront(system: System) -> Iterator[Proxy]:
    with calls_through(system, edge_manifest.DRIFT_GUARD.name, "cloudfront") as proxy:
        yield proxy


@pytest.fixture
def cloudfront(guards_cloudfront: Proxy) -> Iterator[Proxy]:
    yield guards_cloudfront
    guards_cloudfront.faults = []


@pytest.fixture
def boards(system: System) -> dict[str, str]:
    """Empty ones, by the periods that players name."""
    found = {
        kind: board_key(GAME, system.origin.ranking(GAME, kind).body["period"])
        for kind in ("all", "monthly", "weekly")
    }
    for key in found.values():
        system.empty(key)
    return found


def entries(system: System, key: str, player: Player) -> int:
    rows = system.table.rows(key, consistent=True)
    return sum(row.user_id == player.id for row in rows)


def is_told_to_come_back(reply: Reply) -> bool:
    return reply.code == (503, "busy") and reply.headers["Retry-After"] == "1"


def test_dynamodb_that_throttles_once_is_not_noticed(
    system: System, database: Proxy, player: Player, boards: dict[str, str]
) -> None:
    write = throttled("ProvisionedThroughputExceededException")
    database.faults = [
        Fault(about="Query", answer=throttled(), times=1),
        Fault(about=ENTRY, answer=write, times=1),
    ]
    reply = player.submit(1, "all")
    assert [fault.times for fault in database.faults] == [0, 0]
    assert reply.body["results"]["all"]["accepted"] is True
    assert entries(system, boards["all"], player) == 1


def test_dynamodb_that_goes_on_throttling_asks_for_patience_and_takes_the_same_play_later(
    system: System, database: Proxy, player: Player, boards: dict[str, str]
) -> None:
    database.faults = [Fault(about=f"Query|{ENTRY}", answer=throttled())]
    assert is_told_to_come_back(player.submit(1, "all"))
    assert entries(system, boards["all"], player) == 0
    database.faults = []
    assert player.submit(1, "all").body["accepted"] is True
    assert entries(system, boards["all"], player) == 1


def test_a_play_stopped_between_two_boards_is_completed_by_the_same_play_again(
    system: System, database: Proxy, player: Player, boards: dict[str, str]
) -> None:
    database.faults = [Fault(about=ENTRY, times=1), Fault(about=ENTRY, answer=throttled())]
    assert is_told_to_come_back(player.submit(1, "all,monthly"))
    assert [entries(system, boards[kind], player) for kind in ("all", "monthly")] == [1, 0]
    database.faults = []
    reply = player.submit(1, "all,monthly")
    assert {each["accepted"] for each in reply.body["results"].values()} == {True}
    assert {each["rank"] for each in reply.body["results"].values()} == {1}
    assert [entries(system, boards[kind], player) for kind in ("all", "monthly")] == [1, 1]


def test_a_function_killed_after_the_write_has_lost_nothing_but_its_answer(
    system: System, database: Proxy, player: Player, boards: dict[str, str]
) -> None:
    database.faults = [Fault(about=ENTRY, loses_answer=True)]
    assert player.submit(1, "all").status >= 500
    assert "Task timed out" in "".join(system.log_lines(scores.PUT_SCORE.name)[-5:])
    assert entries(system, boards["all"], player) == 1
    database.faults = []
    again = player.submit(1, "all").body["results"]["all"]
    assert (again["accepted"], again["rank"]) == (True, 1)
    assert entries(system, boards["all"], player) == 1


def test_a_function_killed_before_it_evicts_leaves_that_to_the_same_play_again(
    system: System, database: Proxy, player: Player, boards: dict[str, str]
) -> None:
    key = boards["all"]
    fill(system.table, key, 100)
    database.faults = [Fault(about="DeleteItem", loses_request=True)]
    assert player.submit(1, "all").status >= 500
    assert len(system.table.rows(key, consistent=True)) == 101
    database.faults = []
    assert player.submit(1, "all").body["results"]["all"]["rank"] == 1
    rows = system.table.rows(key, consistent=True)
    assert len(rows) == 100
    assert player.id in {row.user_id for row in rows}
    system.empty(key)


def test_an_answer_that_is_lost_on_its_way_back_is_asked_for_again(
    system: System, player: Player, boards: dict[str, str]
) -> None:
    """The second write finds the first one there, and knows it for its own."""
    with calls_through(system, scores.PUT_SCORE.name, "dynamodb", Timeout=10) as proxy:
        proxy.faults = [Fault(about=ENTRY, loses_answer=True, times=1)]
        reply = player.submit(1, "all")
    assert reply.body["results"]["all"]["accepted"] is True
    assert entries(system, boards["all"], player) == 1


def test_a_failing_invalidation_costs_nobody_a_score(
    system: System, player: Player, boards: dict[str, str]
) -> None:
    with calls_through(system, scores.PUT_SCORE.name, "cloudfront") as proxy:
        proxy.faults = [Fault(about="invalidation", answer=xml_error(503, "ServiceUnavailable"))]
        reply = player.submit(1, "all")
    assert reply.body["accepted"] is True
    assert system.requests(scores.PUT_SCORE.name)[-1]["invalidated"] is False
    assert entries(system, boards["all"], player) == 1


def test_rankings_that_cannot_be_read_are_not_kept_as_such(system: System, edge: LocalEdge) -> None:
    """A viewer gets a Retry-After; the cache does not keep the answer."""
    viewer = Player(edge.url, game=GAME)
    with calls_through(system, scores.GET_RANKING.name, "dynamodb") as proxy:
        proxy.faults = [Fault(about="Query", answer=throttled())]
        assert is_told_to_come_back(viewer.ranking("weekly", "?limit=91"))
        proxy.faults = []
        assert viewer.ranking("weekly", "?limit=91").status == 200


def ban(system: System, name: str) -> None:
    store, arn = key_value_store_client(system.cloud), system.parameter(names.EDGE_STORE_ARN)
    etag = store.describe_key_value_store(KvsARN=arn)["ETag"]
    store.put_key(KvsARN=arn, IfMatch=etag, Key=f"ban#{name}", Value="1")


def stored(system: System) -> dict[str, str]:
    store = key_value_store_client(system.cloud)
    pages = store.get_paginator("list_keys").paginate(KvsARN=system.parameter(names.EDGE_STORE_ARN))
    return {item["Key"]: item["Value"] for page in pages for item in page["Items"]}


def test_two_writers_of_the_edges_store_lose_neither(
    system: System, boards: dict[str, str]
) -> None:
    """A ban arrives at the moment in which the trim writes: its ETag is stale."""
    fill(system.table, boards["weekly"], 100)
    bans = iter(["drill-1", "drill-2"])
    with calls_through(system, scores.TRIM_TOP.name, "cloudfront-keyvaluestore") as proxy:
        proxy.faults = [Fault(about="POST", before=lambda: ban(system, next(bans)), times=2)]
        assert invoke(system, scores.TRIM_TOP.name)
        writes = [each for each in proxy.passed if each.startswith("POST")]
    assert len(writes) == 3
    after = stored(system)
    assert {"ban#drill-1", "ban#drill-2"} <= after.keys()
    assert json.loads(after[f"cfgthr#g:{GAME}#p:weekly"])["thr"]
    system.empty(boards["weekly"])
    assert invoke(system, scores.TRIM_TOP.name)


def is_playable(edge: LocalEdge) -> bool:
    edge.refresh()
    return Player(edge.url, game=GAME).start().status == 200


@pytest.mark.parametrize(
    ("status", "code"), [(412, "PreconditionFailed"), (503, "ServiceUnavailable")]
)
def test_cloudfront_that_refuses_the_patch_once_is_asked_again(
    system: System, cloudfront: Proxy, edge: LocalEdge, status: int, code: str
) -> None:
    wipe(system)
    assert not is_playable(edge)
    refusal = xml_error(status, code)
    cloudfront.faults = [Fault(about="PUT .*/distribution/.*/config", answer=refusal, times=1)]
    assert invoke(system, edge_manifest.DRIFT_GUARD.name)
    assert cloudfront.faults[0].times == 0
    assert is_playable(edge)


def test_cloudfront_that_goes_on_refusing_keeps_what_it_has_until_the_guard_comes_again(
    system: System, cloudfront: Proxy, edge: LocalEdge
) -> None:
    wipe(system)
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)

    def etag() -> Any:
        return client.get_distribution_config(Id=distribution)["ETag"]

    before = etag()
    cloudfront.faults = [Fault(about="PUT", answer=xml_error(503, "ServiceUnavailable"))]
    assert not invoke(system, edge_manifest.DRIFT_GUARD.name)
    assert etag() == before
    cloudfront.faults = []
    assert invoke(system, edge_manifest.DRIFT_GUARD.name)
    assert is_playable(edge)


def test_an_origin_that_cannot_read_its_lock_lets_nobody_in_and_says_so(
    system: System, player: Player, boards: dict[str, str]
) -> None:
    """A new instance fails closed; the same play is taken when it can read again."""
    with calls_through(system, scores.PUT_SCORE.name, "ssm") as proxy:
        proxy.faults = [Fault(about="GetParameter", answer=throttled())]
        assert player.submit(1, "all").status in {500, 503}
        proxy.faults = []
        taken = until(lambda: player.submit(1, "all"), lambda reply: reply.status == 200)
        assert taken.body["accepted"] is True
    assert entries(system, boards["all"], player) == 1


@pytest.mark.parametrize(
    ("code", "alarm"), [("TooManyInvalidationsInProgress", "OK"), ("AccessDenied", "ALARM")]
)
def test_a_cache_that_cannot_forget_takes_the_score_and_grows_old_by_itself(
    system: System, code: str, alarm: str
) -> None:
    """CloudFront works on 15 wildcard paths at a time; that is no failure, and any other is."""
    system.clear("INVALIDATIONS")
    watch = Watch(system, Stack(COMPLETE), scores.PUT_SCORE.name)
    with calls_through(system, scores.PUT_SCORE.name, "cloudfront") as proxy:
        proxy.faults = [Fault(about="POST .*/invalidation", answer=xml_error(400, code))]
        for game in ("snake", "minesweeper"):
            system.empty(board_key(game, "all"))
            reply = system.origin.submit(game, "all", "c" * 22, score=1, time_ms=5000, play=code)
            assert reply.body["results"]["all"]["accepted"] is True
    assert watch.state("failures") == alarm
    told = [json.loads(line) for line in watch.lines if line.startswith("{")]
    asked = [each["invalidated"] for each in told if "invalidated" in each]
    assert asked == [False, False]
    warned = [each["level"] for each in told if each["message"].startswith("too many")]
    assert warned == (["WARNING"] * 2 if alarm == "OK" else [])


@pytest.mark.parametrize("ahead_s", [30, -30])
def test_a_player_whose_clock_is_wrong_plays_as_everybody_does(
    system: System, edge: LocalEdge, boards: dict[str, str], ahead_s: int
) -> None:
    """With the SDK as it is shipped: every moment that counts is the edge's."""
    environment = {
        "HTMLGAME_SITE": edge.url,
        "HTMLGAME_SDK": str(SDK / "dist" / "htmlgame.min.js"),
        "HTMLGAME_GAME": GAME,
        "HTMLGAME_AHEAD_MS": str(ahead_s * 1000),
    }
    assert set(failures(SKEWED, environment).values()) == {None}
    [row] = system.table.rows(boards["all"], consistent=True)
    assert 1_000 <= row.time_ms < 60_000
