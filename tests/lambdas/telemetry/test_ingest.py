"""The requests of a game, their answers, and the stored items."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient

from lambdas.shared.dynamo.items import packed
from lambdas.shared.keys.tokens import SESSION_SECONDS, TOKEN_SECONDS
from lambdas.shared.records.projects import Project, Retention
from lambdas.shared.records.table import Projects, project_item
from lambdas.shared.values.uuids import uuid7
from tests.lambdas.stage import PROJECT, Reply, Stage, staged

DAY = 24 * 3600
NOW_MS = 1_795_262_400_000


@pytest.fixture(scope="module")
def shared(dynamodb: Any) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, staged(dynamodb, patch) as stage:
        yield stage


@pytest.fixture
def stage(shared: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """At a noon of its own: nobody's requests of another test count here."""
    clock = Clock()
    monkeypatch.setattr("time.time_ns", clock.ns)
    shared.clock = clock
    return shared


class Clock:
    minutes = 0

    def __init__(self) -> None:
        Clock.minutes += 60
        self.ms = NOW_MS + Clock.minutes * 60_000

    def ns(self) -> int:
        return self.ms * 1_000_000


def test_a_cold_start_reads_its_parameters_in_one_call(
    moto: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSM answers 40 calls a second, and cold starts come in bursts."""
    asked: list[tuple[str, Any]] = []
    call: Any = vars(BaseClient)["_make_api_call"]

    def noted(client: BaseClient, operation: str, sent: dict[str, Any]) -> Any:
        if client.meta.service_model.service_name == "ssm":
            asked.append((operation, sent.get("Names")))
        return call(client, operation, sent)

    with staged(moto, monkeypatch) as stage:
        monkeypatch.setattr(BaseClient, "_make_api_call", noted)
        Game(stage, playerKey="k" * 22)
        assert asked == [("GetParameters", ["/lock-sha256", "/keys", "/hash"])]
        Game(stage, playerKey="k" * 22)
        assert len(asked) == 1


class Game:
    def __init__(self, stage: Stage, *, address: str = "203.0.113.9", **start: Any) -> None:
        self.stage = stage
        self.address = address
        reply = stage.post("session", {"projectId": PROJECT.id, **start}, address=address)
        assert reply.status == 200, reply.body
        self.session = {name: reply.body[name] for name in ("sessionId", "token")}

    def say(self, path: str, **content: Any) -> Reply:
        return self.stage.post(path, {**self.session, **content}, address=self.address)

    def kept(self) -> dict[str, dict[str, Any]]:
        """Everything of this session, by what its sort key says behind the session's id."""
        own = self.session["sessionId"]
        return {
            item["SK"]["S"].partition("#")[2]: item
            for item in self.stage.items("telemetry")
            if item["SK"]["S"].startswith(own)
        }


@pytest.fixture
def game(stage: Stage) -> Game:
    return Game(stage)


def test_a_session_is_granted_a_token_for_a_quarter_of_an_hour(stage: Stage) -> None:
    reply = stage.post("session", {"projectId": PROJECT.id})
    assert list(reply.body) == ["sessionId", "token", "expiresAt"]
    assert reply.body["expiresAt"] == stage.clock.ms // 1000 + TOKEN_SECONDS
    assert reply.headers["cache-control"] == "no-store"


def test_players_are_stored_as_hashes_only(stage: Stage) -> None:
    game = Game(stage, playerKey="ann")
    item = game.kept()["0"]
    assert set(item) == {"PK", "SK", "at", "ip", "ua", "player", "expires"}
    for name in ("ip", "ua", "player"):
        assert len(item[name]["S"]) == 22


def test_addresses_and_browsers_hash_differently_when_the_keys_rotate_and_players_do_not(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Game(stage, playerKey="ann").kept()["0"]
    again = Game(stage, playerKey="ann").kept()["0"]
    rotated = {"t0001": "another"}
    monkeypatch.setattr(stage.module("telemetry.ingest").keys, "_keys", lambda _: rotated)
    after = Game(stage, playerKey="ann").kept()["0"]
    for name in ("ip", "ua"):
        assert before[name] == again[name] != after[name]
    assert before["player"] == after["player"]


def test_a_named_player_can_be_found_by_a_pointer(stage: Stage) -> None:
    game = Game(stage, playerKey="ann")
    player = game.kept()["0"]["player"]["S"]
    [pointer] = [
        item
        for item in stage.items("telemetry")
        if item["SK"]["S"].startswith(f"{player}#")
        and item["SK"]["S"].endswith(game.session["sessionId"])
    ]
    assert pointer["PK"]["S"].startswith(f"PL#{PROJECT.id}#")
    # A score of the session's last hour is kept a day longer than the session itself would be.
    assert int(pointer["expires"]["N"]) == stage.clock.ms // 1000 + 366 * DAY


def test_a_player_may_be_nobody(stage: Stage) -> None:
    nobody: list[dict[str, Any]] = [{}, {"playerKey": None}]
    for start in nobody:
        assert "player" not in Game(stage, **start).kept()["0"]


def test_an_event_is_kept_as_long_as_the_project_says(game: Game) -> None:
    reply = game.say("event", eventName="death", data={"stage": 3, "reason": "é"}, at=17)
    assert (reply.status, reply.body) == (200, {"ok": True})
    [item] = [item for key, item in game.kept().items() if key.startswith("E#")]
    assert json.loads(item["data"]["S"]) == {"stage": 3, "reason": "é"}
    assert (item["name"]["S"], item["clientAt"]["N"]) == ("death", "17")
    assert int(item["expires"]["N"]) == game.stage.clock.ms // 1000 + 90 * DAY


def test_a_score_is_kept_with_its_player(stage: Stage) -> None:
    game = Game(stage, playerKey="ann")
    assert game.say("score", score=-12, metadata={"mode": "normal"}).body == {"ok": True}
    kept = game.kept()
    [item] = [item for key, item in kept.items() if key.startswith("C#")]
    assert (item["score"]["N"], item["metadata"]["S"]) == ("-12", '{"mode":"normal"}')
    assert item["player"] == kept["0"]["player"]
    assert int(item["expires"]["N"]) == stage.clock.ms // 1000 + 365 * DAY


def test_retention_is_the_project_s_own_and_may_be_for_ever(stage: Stage) -> None:
    own = Project(
        id=uuid7(NOW_MS),
        creator_id=PROJECT.creator_id,
        name="Own",
        events=("death",),
        retention=Retention(event_days=1, session_days=2, score_days=None),
    )
    stage.dynamodb.put_item(TableName="creators", Item=packed(project_item(own)))
    game = Game(stage, projectId=own.id, playerKey="ann")
    game.say("event", eventName="death")
    game.say("score", score=1)
    kept = {key[0]: item for key, item in game.kept().items()}
    now = stage.clock.ms // 1000
    assert int(kept["0"]["expires"]["N"]) == now + 2 * DAY
    assert int(kept["E"]["expires"]["N"]) == now + 1 * DAY
    assert "expires" not in kept["C"]


def test_the_same_event_again_is_the_same_event(game: Game) -> None:
    own = uuid7(NOW_MS)
    for _ in range(3):
        assert game.say("event", id=own, eventName="death").status == 200
        assert game.say("event", id=own.upper(), eventName="death").status == 200
        assert game.say("events", events=[{"id": own, "eventName": "death"}]).status == 200
    assert [key for key in game.kept() if key.startswith("E#")] == [f"E#{own}"]


def test_a_session_is_the_same_however_its_id_is_capitalised(game: Game) -> None:
    game.session["sessionId"] = game.session["sessionId"].upper()
    assert game.say("event", eventName="death").status == 200
    assert game.say("score", score=1).status == 200


def test_a_token_is_good_for_its_own_session_alone(stage: Stage) -> None:
    game, other = Game(stage), Game(stage)
    game.session["sessionId"] = other.session["sessionId"]
    assert game.say("event", eventName="death").code == (401, "bad_token")


def test_a_batch_is_answered_one_by_one_in_the_order_sent(game: Game) -> None:
    ids = [uuid7(NOW_MS) for _ in range(5)]
    events: list[dict[str, Any]] = [
        {"id": ids[0].upper(), "eventName": "death", "data": {"stage": 1}},
        {"id": ids[1], "eventName": "cheated"},
        {"id": ids[2], "eventName": "death", "data": []},
        {"id": ids[3], "eventName": "death", "when": 1},
        {"id": ids[4], "eventName": "level_up", "at": 5},
        {"id": ids[4], "eventName": "level_up", "at": 5},
        {"id": ids[4], "eventName": "shot"},
    ]
    reply = game.say("events", events=events)
    assert (reply.status, list(reply.body)) == (200, ["ok", "results"])
    assert reply.body["ok"] is False
    results = reply.body["results"]
    assert [result["id"] for result in results] == [event["id"] for event in events]
    assert [result.get("error", {}).get("code") for result in results] == [
        None,
        "event_not_allowed",
        "malformed",
        "malformed",
        None,
        None,
        "event_twice",
    ]
    assert results[0] == {"id": ids[0].upper(), "ok": True}
    assert list(results[1]) == ["id", "ok", "error", "retry"]
    assert not any(result["retry"] for result in results if not result["ok"])
    assert {key for key in game.kept() if key != "0"} == {f"E#{ids[0]}", f"E#{ids[4]}"}


def test_a_batch_of_nothing_but_bad_events_writes_none(game: Game) -> None:
    reply = game.say("events", events=[{"id": uuid7(NOW_MS), "eventName": "cheated"}])
    assert (reply.status, reply.body["ok"]) == (200, False)
    assert list(game.kept()) == ["0"]


def test_a_session_ends_once(game: Game) -> None:
    began = game.stage.clock.ms
    game.stage.clock.ms += 61_000
    assert game.say("session/end").body == {"ok": True}
    game.stage.clock.ms += 5_000
    assert game.say("session/end").body == {"ok": True}
    item = game.kept()["0"]
    assert int(item["ended"]["N"]) - int(item["at"]["N"]) == 61_000
    assert int(item["at"]["N"]) == began


def test_the_end_of_what_was_erased_brings_nothing_back(game: Game) -> None:
    item = game.kept()["0"]
    key = {"PK": item["PK"], "SK": item["SK"]}
    game.stage.dynamodb.delete_item(TableName="telemetry", Key=key)
    assert game.say("session/end").body == {"ok": True}
    assert game.kept() == {}


def test_a_token_is_renewed_before_it_expires_and_not_after(game: Game) -> None:
    game.stage.clock.ms += (TOKEN_SECONDS - 1) * 1000
    reply = game.say("session/renew")
    assert list(reply.body) == ["sessionId", "token", "expiresAt"]
    assert reply.body["sessionId"] == game.session["sessionId"]
    assert reply.body["expiresAt"] == game.stage.clock.ms // 1000 + TOKEN_SECONDS
    game.stage.clock.ms += 1000
    assert game.say("session/renew").code == (401, "token_expired")
    game.session["token"] = reply.body["token"]
    assert game.say("event", eventName="death").status == 200


def test_no_session_is_renewed_beyond_a_day(game: Game) -> None:
    over = game.stage.clock.ms + SESSION_SECONDS * 1000
    while (left := over - game.stage.clock.ms) > TOKEN_SECONDS * 1000:
        game.stage.clock.ms += min(left, (TOKEN_SECONDS - 1) * 1000)
        reply = game.say("session/renew")
        assert reply.status == 200
        game.session["token"] = reply.body["token"]
    assert reply.body["expiresAt"] == over // 1000
    game.stage.clock.ms = over
    assert game.say("session/renew").code == (401, "token_expired")


def test_a_renewed_token_stays_the_player_s(stage: Stage) -> None:
    game = Game(stage, playerKey="ann")
    game.session["token"] = game.say("session/renew").body["token"]
    game.say("score", score=1)
    assert all("player" in item for item in game.kept().values())


def test_a_token_of_one_session_is_none_of_another(game: Game) -> None:
    other = Game(game.stage)
    contents: dict[str, dict[str, Any]] = {
        "event": {"eventName": "death"},
        "events": {"events": [{"id": uuid7(1), "eventName": "death"}]},
        "score": {"score": 1},
    }
    for path in ("session/renew", "session/end", "event", "events", "score"):
        content = contents.get(path, {})
        reply = game.say(path, **content, token=other.session["token"])
        assert reply.code == (401, "bad_token")
        assert game.say(path, **content, token="x.y").code == (401, "bad_token")


def test_an_unknown_project_is_refused(stage: Stage) -> None:
    reply = stage.post("session", {"projectId": uuid7(NOW_MS)})
    assert reply.code == (404, "unknown_project")


def test_a_project_is_read_once_a_minute_even_an_unknown_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [1e9]
    ingest = stage.module("telemetry.ingest")
    reader = Projects(stage.dynamodb, "creators", lambda: seconds[0])
    monkeypatch.setattr(ingest, "projects", reader)
    unknown = uuid7(NOW_MS)
    for project_id in (PROJECT.id, unknown) * 5:
        stage.post("session", {"projectId": project_id})
    assert reader.spent.reads == 1
    reads: list[float] = []
    for project_id in (PROJECT.id, unknown):
        seconds[0] += 60
        stage.post("session", {"projectId": project_id})
        reads.append(reader.spent.reads)
        stage.post("session", {"projectId": project_id})
        reads.append(reader.spent.reads)
    assert reads == [1.5, 1.5, 2, 2]


BAD: list[tuple[str, dict[str, Any], tuple[int, str], str]] = [
    ("session", {"projectId": None}, (400, "malformed"), "projectId: missing"),
    ("session", {"projectId": "snake"}, (400, "malformed"), "projectId: not a UUID"),
    ("session", {"playerKey": ""}, (400, "malformed"), "playerKey: not a text of 1 to 128"),
    ("session", {"playerKey": 7}, (400, "malformed"), "playerKey: not a text of 1 to 128"),
    ("session", {"playerkey": "x"}, (400, "malformed"), "'playerkey': unknown"),
    ("event", {"token": None}, (400, "malformed"), "token: missing"),
    ("event", {"sessionId": "x"}, (400, "malformed"), "sessionId: not a UUID"),
    ("event", {"eventName": "Death"}, (400, "malformed"), "eventName: not 1 to 40"),
    ("event", {"eventName": "x" * 41}, (400, "malformed"), "eventName: not 1 to 40"),
    ("event", {"eventName": "death\n"}, (400, "malformed"), "eventName: not 1 to 40"),
    ("event", {"eventName": None}, (400, "malformed"), "eventName: not 1 to 40"),
    ("event", {"eventName": "cheated"}, (422, "event_not_allowed"), "eventName: not one of"),
    ("event", {"eventName": "death", "id": "7"}, (400, "malformed"), "id: not a UUID"),
    ("event", {"eventName": "death", "at": -1}, (400, "malformed"), "at: not whole"),
    ("event", {"eventName": "death", "at": True}, (400, "malformed"), "at: not whole"),
    (
        "event",
        {"eventName": "death", "data": {"x": "y" * 2048}},
        (400, "malformed"),
        "data: 2056 bytes as JSON; at most 2048",
    ),
    ("events", {"events": []}, (400, "malformed"), "events: not a list of 1 to 25"),
    ("events", {"events": [{}] * 26}, (400, "malformed"), "events: not a list of 1 to 25"),
    ("events", {"events": {}}, (400, "malformed"), "events: not a list of 1 to 25"),
    ("events", {"events": [1]}, (400, "malformed"), "events[0]: not a JSON object"),
    ("events", {"events": [{"eventName": "death"}]}, (400, "malformed"), "events[0].id: not a"),
    ("score", {"score": 1.5}, (400, "malformed"), "score: not a whole number"),
    ("score", {"score": True}, (400, "malformed"), "score: not a whole number"),
    ("score", {"score": None}, (400, "malformed"), "score: not a whole number"),
    ("score", {"score": 2**53}, (400, "malformed"), "score: beyond"),
    ("score", {"score": 1, "metadata": "x"}, (400, "malformed"), "metadata: not a JSON object"),
    ("session/end", {"why": "bored"}, (400, "malformed"), "'why': unknown"),
]


@pytest.mark.parametrize(("path", "content", "code", "sentence"), BAD)
def test_a_wrong_request_is_named_and_costs_no_more_than_its_count(
    game: Game, path: str, content: dict[str, Any], code: tuple[int, str], sentence: str
) -> None:
    table = game.stage.module("telemetry.ingest").table
    if path == "session":
        reply = game.stage.post(path, {"projectId": PROJECT.id, **content})
    else:
        reply = game.say(path, **content)
    assert reply.code == code
    assert reply.body["error"]["message"].startswith(sentence)
    assert table.spent.writes in (0.5, 1)  # the engines differ


@pytest.mark.parametrize("body", ["", "x", "[]", "null", '{"sessionId":' * 2000, "\ud800"])
def test_a_body_that_is_no_object(stage: Stage, body: str) -> None:
    assert stage.post("event", body).code == (400, "malformed")


def test_a_body_beyond_what_a_beacon_carries(game: Game) -> None:
    reply = game.say("event", eventName="death", data={"x": "y" * 66_000})
    assert reply.body["error"]["message"].endswith("bytes; at most 65536")


def test_the_sixty_first_request_of_a_minute_is_refused_until_the_next(stage: Stage) -> None:
    game = Game(stage, address="198.51.100.7")
    stage.clock.ms += 18_000
    codes = [game.say("event", eventName="death").status for _ in range(60)]
    assert codes == [200] * 59 + [429]
    refused = game.say("event", eventName="death")
    assert refused.code == (429, "too_many_requests")
    assert refused.headers["retry-after"] == "42"
    assert len(game.kept()) == 60
    stage.clock.ms += 42_000
    assert game.say("event", eventName="death").status == 200


def test_an_address_has_no_more_for_having_more_sessions_nor_for_lying(stage: Stage) -> None:
    address = "198.51.100.8"
    games = [Game(stage, address=address) for _ in range(30)]
    for game in games:
        assert game.say("score", score=1).status == 200
    for liar in (address, f"1.2.3.4, {address}", f"130.176.0.1, {address}"):
        reply = stage.post("session", {"projectId": PROJECT.id}, address=liar)
        assert reply.code == (429, "too_many_requests")
    assert Game(stage, address="198.51.100.9").say("score", score=1).status == 200


def test_requests_for_invented_projects_are_counted_and_soon_cost_no_reads(stage: Stage) -> None:
    module, address = stage.module("telemetry.ingest"), "198.51.100.13"
    codes = [
        stage.post("session", {"projectId": uuid7(NOW_MS)}, address=address).status
        for _ in range(61)
    ]
    assert codes == [404] * 60 + [429]
    assert (module.projects.spent.reads, module.rates.spent.writes) == (0, 1)


def test_a_session_is_counted_at_home_wherever_it_goes(stage: Stage) -> None:
    game = Game(stage, address="198.51.100.10")
    for number in range(59):
        game.address = f"192.0.2.{number}"
        assert game.say("event", eventName="death").status == 200
    assert game.say("event", eventName="death").code == (429, "too_many_requests")
    assert stage.post("session", {"projectId": PROJECT.id}, address="198.51.100.10").status == 429


def test_sessions_have_their_own_limit_where_an_address_may_do_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.module("telemetry.ingest").rates, "_of_address", 600)
    game, beside = (Game(stage, address="198.51.100.11") for _ in range(2))
    assert [game.say("score", score=1).status for _ in range(60)] == [200] * 59 + [429]
    assert beside.say("score", score=1).status == 200


def test_sixty_sessions_of_one_address_fit_one_write_unit(stage: Stage) -> None:
    for _ in range(60):
        Game(stage, address="198.51.100.12")
    largest = max(stage.items("rates"), key=len)
    assert len(largest) == 63
    size = sum(
        len(name) + (2 if "N" in value else len(value["S"])) for name, value in largest.items()
    )
    assert size < 800


def test_a_request_past_the_edge_is_refused(stage: Stage) -> None:
    route, body = "POST /api/telemetry/session", {"projectId": PROJECT.id}
    reply = stage.call("telemetry.ingest", route, body, x_origin_verify="guess")
    assert reply.code == (403, "origin_not_verified")
