"""Plays through the edge, IAM enforced: the honest ones count, and nothing else costs anything."""

import base64
import hmac
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from config import names
from config.capabilities import edge as edge_manifest
from config.capabilities import scores
from config.environments import LOCAL
from config.manifests import enabled
from lambdas.edge.cloudfront_fields import missing_on_update
from lambdas.edge.distribution import Distribution
from lambdas.scores.table import board_key
from local.edge.control import key_value_store_client
from local.edge.server import LocalEdge
from local.scores.boards import fill
from tests.e2e.conftest import System
from tests.e2e.player import Player


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture
def player(edge: LocalEdge) -> Player:
    return Player(edge.url)


def invoke(system: System, function: str) -> Any:
    answer = system.cloud.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    content = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(content["errorMessage"])
    return content


def test_a_play_goes_from_start_to_the_ranking(player: Player) -> None:
    started = player.start()
    cookie = started.headers["Set-Cookie"]
    for attribute in ("Path=/api", "Secure", "HttpOnly", "SameSite=Strict"):
        assert attribute in cookie
    assert player.end().status == 200
    submitted = player.submit(17, "all,monthly")
    assert submitted.status == 200, submitted.body
    assert submitted.body["accepted"] is True
    [item] = [item for item in player.ranking("all").body["items"] if item["userId"] == player.id]
    assert (item["score"], item["timeMs"], item["userName"]) == (17, 1500, "Ann")


def test_the_same_submission_again_gets_the_same_answer(player: Player) -> None:
    first = player.play(11)
    assert player.submit(11).body == first.body
    assert player.submit(12).code == (409, "play_already_submitted")


def test_a_request_that_the_edge_answers_reaches_no_origin(player: Player, edge: LocalEdge) -> None:
    before = edge.origin_requests
    player.start()
    player.end()
    assert edge.origin_requests == before


def flipped(token: str) -> str:
    return token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]


FORGERIES: dict[str, tuple[Any, tuple[int, str]]] = {
    "another score": (lambda _: {"X-Score": "18"}, (401, "bad_signature")),
    "another name": (lambda _: {"X-Player": "Bob"}, (401, "bad_signature")),
    "a bent end token": (lambda p: {"X-Token-End": flipped(p.token_end)}, (401, "bad_token")),
    "a bent start token": (lambda p: {"X-Token-Start": flipped(p.token_start)}, (401, "bad_token")),
    "tokens swapped": (
        lambda p: {"X-Token-End": p.token_start, "X-Token-Start": p.token_end},
        (401, "bad_token"),
    ),
    "no signature": (lambda _: {"X-Sig": None}, (400, "malformed")),
    "another's key": (lambda _: {"X-User-Key": "k" * 32}, (403, "bad_user_key")),
    "another site": (lambda _: {"Origin": "https://evil.example"}, (403, "bad_origin")),
    "no site": (lambda _: {"Origin": None}, (403, "bad_origin")),
    "too many points": (lambda p: p.submission(10_000), (422, "out_of_limits")),
    "too fast": (lambda p: p.submission(19), (422, "out_of_limits")),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused_and_nobody_is_woken(
    system: System, player: Player, edge: LocalEdge, name: str
) -> None:
    change, expected = FORGERIES[name]
    player.start()
    player.end()
    before = edge.origin_requests, system.invocations(scores.PUT_SCORE.name)
    assert player.submit(17, change=change(player)).code == expected
    assert (edge.origin_requests, system.invocations(scores.PUT_SCORE.name)) == before


def of_my_own(token: str) -> str:
    """The token's content is valid, but another key signed it."""
    body = token.partition(".")[0]
    digest = hmac.digest(b"my own key", body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (lambda _: ("", ""), (400, "malformed")),
        (lambda one: (one.token_start, ""), (400, "malformed")),
        (lambda one: (one.token_start, one.token_start), (401, "bad_token")),
        (lambda one: (of_my_own(one.token_start), of_my_own(one.token_end)), (401, "bad_token")),
    ],
    ids=["no token", "a start without an end", "a start for an end", "tokens of one's own"],
)
def test_a_score_that_was_never_played_is_refused_and_nobody_is_woken(
    system: System, edge: LocalEdge, player: Player, tokens: Any, expected: tuple[int, str]
) -> None:
    player.start()
    if expected == (401, "bad_token"):
        player.end()  # else there were no end to make one's own from
    player.token_start, player.token_end = tokens(player)
    before = edge.origin_requests, system.invocations(scores.PUT_SCORE.name)
    assert player.submit(17).code == expected
    assert (edge.origin_requests, system.invocations(scores.PUT_SCORE.name)) == before


def test_a_play_of_one_player_is_no_play_of_another(player: Player) -> None:
    player.start()
    player.end()
    thief = replace(player, key="t" * 32)
    assert thief.submit(17).code == (401, "bad_token")


def test_a_viewer_cannot_bring_what_only_the_edge_may_say(player: Player) -> None:
    player.start()
    player.end()
    forged = {"X-Play-Ms": "3000000", "X-Play-Id": "mine", "X-Origin-Verify": "guess"}
    best = player.submit(17, "daily", forged).body["results"].popitem()[1]["best"]
    assert best["timeMs"] == 1500


def test_an_unknown_game_and_a_period_that_is_not_offered(edge: LocalEdge) -> None:
    assert Player(edge.url, game="nogame").start().code == (404, "unknown_game")
    mines = Player(edge.url, game="minesweeper")
    mines.start()
    mines.end()
    assert mines.submit(1, "daily").code == (404, "unknown_period")


def test_the_board_is_cached_whoever_asks_and_fresh_after_a_score(
    player: Player, edge: LocalEdge
) -> None:
    edge.refresh()
    # A window's invalidation may just have been spent: wait for none, ask for another board.
    first = player.ranking("weekly", "?limit=5")
    assert first.headers["X-Cache"] == "Miss from cloudfront"
    assert player.ranking("weekly", "?limit=5").headers["X-Cache"] == "Hit from cloudfront"
    stranger = Player(edge.url, cookie="c" * 22)
    assert stranger.ranking("weekly", "?limit=5").headers["X-Cache"] == "Hit from cloudfront"
    beside = player.ranking("weekly", "?limit=5&utm=x")
    assert beside.headers["X-Cache"] == "Hit from cloudfront"
    assert player.ranking("weekly", "?limit=3").headers["X-Cache"] == "Miss from cloudfront"


def test_an_accepted_score_makes_the_ranking_fresh(
    system: System, edge: LocalEdge, player: Player
) -> None:
    """Each window's first accepted score invalidates; here a window is two seconds."""
    player.game = "minesweeper"
    player.ranking("weekly")
    assert player.ranking("weekly").headers["X-Cache"] == "Hit from cloudfront"
    for _ in range(40):
        one = Player(edge.url, game="minesweeper")
        one.play(1, "weekly")
        if system.requests(scores.PUT_SCORE.name)[-1]["invalidated"]:
            break
    edge.refresh()
    fresh = player.ranking("weekly")
    assert fresh.headers["X-Cache"] == "Miss from cloudfront"
    assert one.id in {item["userId"] for item in fresh.body["items"]}


def test_an_error_is_not_kept_for_the_next_who_asks(edge: LocalEdge, player: Player) -> None:
    before = edge.origin_requests
    assert [player.ranking("1999-W01").status for _ in range(2)] == [404, 404]
    assert edge.origin_requests == before + 2


def test_a_board_that_no_game_has_is_refused_at_the_edge(edge: LocalEdge, player: Player) -> None:
    before = edge.origin_requests
    assert [player.ranking(name).status for name in ("1999-W01-x", "yearly")] == [404, 404]
    assert edge.origin_requests == before


def test_a_score_below_the_threshold_is_refused_at_the_edge_after_a_trim(
    system: System, edge: LocalEdge
) -> None:
    player = Player(edge.url, game="minesweeper")
    month = player.ranking("monthly").body["period"]
    key = board_key("minesweeper", month)
    system.empty(key)
    fill(system.table, key, 100)
    player.play(1, "monthly", play_ms=1900)
    invoke(system, scores.TRIM_TOP.name)
    edge.refresh()
    last = max(entry.time_ms for entry in system.table.rows(key))
    store = key_value_store_client(system.cloud)
    arn = system.parameter(names.EDGE_STORE_ARN)
    entry_key = "cfgthr#g:minesweeper#p:monthly"
    entry = json.loads(store.get_key(KvsARN=arn, Key=entry_key)["Value"])
    assert entry["thr"][0] == last
    assert entry["from"] < entry["until"]
    slow = Player(edge.url, game="minesweeper")
    slow.start()
    slow.end()
    # A board of faster plays: then this one's 1.5 s is not enough.
    etag = store.describe_key_value_store(KvsARN=arn)["ETag"]
    harder = json.dumps(entry | {"thr": [1000, *entry["thr"][1:]]})
    store.put_key(KvsARN=arn, IfMatch=etag, Key=entry_key, Value=harder)
    edge.refresh()
    before = edge.origin_requests
    refused = slow.submit(1, "monthly")
    assert refused.code == (422, "below_threshold")
    assert refused.body["error"]["thr"][0] == 1000
    assert edge.origin_requests == before
    invoke(system, scores.TRIM_TOP.name)
    edge.refresh()
    assert slow.submit(1, "monthly").status == 200


def test_a_banned_player_is_refused(system: System, edge: LocalEdge, player: Player) -> None:
    store = key_value_store_client(system.cloud)
    arn = system.parameter(names.EDGE_STORE_ARN)
    etag = store.describe_key_value_store(KvsARN=arn)["ETag"]
    store.put_key(KvsARN=arn, IfMatch=etag, Key=f"ban#{player.id}", Value="1")
    edge.refresh()
    player.start()
    player.end()
    assert player.submit(17).code == (403, "banned")


def test_plays_in_flight_survive_a_rotation_of_keys_and_lock(
    system: System, edge: LocalEdge
) -> None:
    started, ended, old_lock = (
        Player(edge.url),
        Player(edge.url),
        system.parameter(names.ORIGIN_LOCK),
    )
    system.forget_edge_key("k_prev")  # else another test's rotation was just now
    for player in (started, ended):
        player.start()
    ended.end()
    invoke(system, edge_manifest.ROTATE_KEYS.name)
    edge.refresh()
    new_lock = system.parameter(names.ORIGIN_LOCK)
    assert new_lock.split(",")[1] == old_lock.split(",")[0] != new_lock.split(",")[0]
    assert ended.submit(17).status == 200
    assert started.end().status == 200
    assert started.submit(17).status == 200
    invoke(system, edge_manifest.DRIFT_GUARD.name)
    edge.refresh()
    assert Player(edge.url).play(17).status == 200
    with pytest.raises(RuntimeError, match="may still go on; rotate again in"):
        invoke(system, edge_manifest.ROTATE_KEYS.name)


def test_the_guard_restores_behaviours_that_the_owning_stack_removes(
    system: System, edge: LocalEdge
) -> None:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    answer = client.get_distribution_config(Id=distribution)
    wiped = answer["DistributionConfig"] | {"CacheBehaviors": {"Quantity": 0}}
    client.update_distribution(Id=distribution, IfMatch=answer["ETag"], DistributionConfig=wiped)
    edge.refresh()
    assert Player(edge.url).ask("GET", "/api/get-start?game=snake&user=x").status != 200
    healed = invoke(system, edge_manifest.DRIFT_GUARD.name)["healed"]
    assert len(healed) == sum(len(each.patterns) for each in enabled(LOCAL))
    edge.refresh()
    assert Player(edge.url).play(17).status == 200
    assert invoke(system, edge_manifest.DRIFT_GUARD.name)["healed"] == []
    assert any(
        f'"DriftHealed":[{len(healed)}' in line
        for line in system.log_lines(edge_manifest.DRIFT_GUARD.name)
    )


def test_our_part_of_the_deployed_distribution_is_complete_for_an_update(system: System) -> None:
    client = system.cloud.client("cloudfront")
    live = Distribution(client, system.parameter(names.DISTRIBUTION_ID)).read().xml
    missing = missing_on_update(ET.fromstring(live))
    assert b"<PathPattern>/api/scores/*</PathPattern>" in live
    assert not [each for each in missing if "[htmlgame-" in each or "[/api/" in each]


def test_secrets_are_in_no_log_and_no_backup(system: System) -> None:
    store = key_value_store_client(system.cloud)
    pages = store.get_paginator("list_keys").paginate(KvsARN=system.parameter(names.EDGE_STORE_ARN))
    items = [item for page in pages for item in page["Items"]]
    secret = [item["Value"].partition(":")[2] for item in items if item["Key"].startswith("k_")]
    secret += system.parameter(names.ORIGIN_LOCK).split(",")
    assert len(secret) >= 3
    told = "".join(
        "\n".join(system.log_lines(function))
        for function in (
            edge_manifest.STORE_KEEPER.name,
            edge_manifest.ROTATE_KEYS.name,
            edge_manifest.DISTRIBUTION_PATCH.name,
        )
    ) + "".join(system.backups())
    assert not any(each in told for each in secret)


def test_a_store_that_is_changed_by_two_at_once_loses_neither(system: System) -> None:
    store = key_value_store_client(system.cloud)
    arn = system.parameter(names.EDGE_STORE_ARN)
    etag = store.describe_key_value_store(KvsARN=arn)["ETag"]
    store.put_key(KvsARN=arn, IfMatch=etag, Key="ban#one", Value="1")
    with pytest.raises(ClientError, match="ConflictException"):
        store.put_key(KvsARN=arn, IfMatch=etag, Key="ban#two", Value="1")
