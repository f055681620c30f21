"""Telemetry through the edge, IAM enforced: the exact formats, and the costs."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import urllib3

from config import names
from config.capabilities import creators, telemetry
from config.capabilities import data as data_manifest
from config.capabilities import telemetry as reckoned
from lambdas.shared.counters.table import CounterTable
from lambdas.shared.dynamo.items import packed
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import project_item
from lambdas.shared.values.clock import day_of
from lambdas.shared.values.uuids import uuid7
from local.edge.server import LocalEdge
from local.issuer import creator_id
from tests.e2e.conftest import System
from tests.e2e.operator import Operator
from tests.e2e.player import Reply
from tests.e2e.visitor import Visitor, eventually

UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
WRITES = "dynamodb.writes"
CREATOR = "creator@example.org"
PROJECT = Project(
    id="0190a5b0-0000-7000-8000-00000000cafe",
    creator_id=creator_id(CREATOR),
    name="Snake",
    events=("death", "level_up"),
    collections={"saves": "private", "levels": "public", "measured": "public"},
    created_at="2026-11-21T12:00:00.000Z",
    updated_at="2026-11-21T12:00:00.000Z",
)


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    put(system, PROJECT)
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


def put(system: System, project: Project) -> None:
    system.cloud.client("dynamodb").put_item(
        TableName=system.parameter(creators.TABLE.parameter), Item=packed(project_item(project))
    )


@pytest.fixture
def visitor(edge: LocalEdge) -> Visitor:
    visitor = Visitor(edge.url, PROJECT.id)
    assert visitor.start().status == 200
    return visitor


@pytest.fixture
def own_project(system: System, edge: LocalEdge) -> Project:
    """One that nobody else counts in."""
    assert edge.url
    project = replace(PROJECT, id=uuid7(1_795_262_400_000))
    put(system, project)
    return project


def kept(system: System, session_id: str) -> list[dict[str, Any]]:
    pages = (
        system.cloud.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=system.parameter(telemetry.TABLE.parameter))
    )
    return [
        item for page in pages for item in page["Items"] if item["SK"]["S"].startswith(session_id)
    ]


# The examples of the specification with other values.

START = """{
  "projectId": "%(projectId)s",
  "playerKey": "optional-anon-id"
}"""
STARTED = """{
  "sessionId": "%(uuidv7)s",
  "token": "%(token)s",
  "expiresAt": %(seconds)s
}"""
EVENT = """{
  "sessionId": "%(sessionId)s",
  "token": "%(token)s",
  "eventName": "death",
  "data": { "stage": 3, "reason": "hit_enemy" }
}"""
SCORE = """{
  "sessionId": "%(sessionId)s",
  "token": "%(token)s",
  "score": 12345,
  "metadata": { "mode": "normal" }
}"""
OK = '{ "ok": true }'


PATTERNS = {"uuidv7": UUID7, "token": r"[A-Za-z0-9_.-]{1,600}", "seconds": r"[0-9]{10}"}


def is_answered(sent: str, expected: str, edge: LocalEdge, path: str, **values: str) -> Any:
    """To the byte, but for the space between JSON's tokens."""
    answer = urllib3.PoolManager(retries=False).request(
        "POST",
        f"{edge.url}/api/telemetry/{path}",
        body=sent % values,
        headers={"Content-Type": "application/json"},
    )
    pattern = re.sub(r"\s", "", expected).replace("{", r"\{").replace("}", r"\}") % PATTERNS
    assert answer.status == 200, answer.data
    assert re.fullmatch(pattern, answer.data.decode()), answer.data
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"].startswith("application/json")
    return json.loads(answer.data)


def test_the_specification_s_examples_are_answered_as_it_says(edge: LocalEdge) -> None:
    session = is_answered(START, STARTED, edge, "session", projectId=PROJECT.id)
    del session["expiresAt"]
    is_answered(EVENT, OK, edge, "event", **session)
    is_answered(SCORE, OK, edge, "score", **session)


def test_renewal_and_end_and_batch_are_answered_as_documented(visitor: Visitor) -> None:
    renewed = visitor.say("session/renew")
    assert list(renewed.body) == ["sessionId", "token", "expiresAt"]
    visitor.session["token"] = renewed.body["token"]
    ids = [uuid7(1), uuid7(2)]
    batch = visitor.say(
        "events",
        events=[
            {"id": ids[0], "eventName": "death", "data": {}, "at": 1_795_262_400_000},
            {"id": ids[1], "eventName": "unheard_of"},
        ],
    )
    assert batch.status == 200
    assert json.dumps(batch.body) == json.dumps(
        {
            "ok": False,
            "results": [
                {"id": ids[0], "ok": True},
                {
                    "id": ids[1],
                    "ok": False,
                    "error": {
                        "code": "event_not_allowed",
                        "message": "eventName: not one of the events in this project's settings",
                    },
                    "retry": False,
                },
            ],
        }
    )
    assert visitor.say("session/end").body == {"ok": True}


def test_a_beacon_is_taken_though_it_says_it_is_plain_text(
    system: System, visitor: Visitor
) -> None:
    event = {"id": uuid7(1), "eventName": "death", "data": {"reason": "é"}}
    body = json.dumps({**visitor.session, "events": [event]}, ensure_ascii=False).encode()
    for content_type in ("text/plain;charset=UTF-8", "application/octet-stream"):
        headers = {"Content-Type": content_type, "Origin": visitor.site}
        assert visitor.ask("POST", "telemetry/events", body, headers).body["ok"] is True
    [item] = [each for each in kept(system, visitor.session["sessionId"]) if "name" in each]
    assert json.loads(item["data"]["S"]) == {"reason": "é"}


def test_counters_count_an_event_once_however_often_it_was_sent(
    system: System, edge: LocalEdge, own_project: Project
) -> None:
    ann, bob = (Visitor(edge.url, own_project.id, key) for key in ("ann", "bob"))
    for visitor in (ann, bob, ann):
        visitor.start()
    events = [{"id": uuid7(1), "eventName": "death"} for _ in range(25)]
    for _ in range(2):
        assert ann.say("events", events=events).body["ok"] is True
    bob.say("event", eventName="level_up")
    bob.say("score", score=12_345)
    for _ in range(2):
        bob.say("session/end")
    creator = {"Authorization": f"Bearer {system.cloud.issuer.token(CREATOR)}"}

    def total() -> Any:
        """Also of yesterday, if this is midnight."""
        query = f"analytics/summary?projectId={own_project.id}"
        reply = ann.ask("GET", query, headers=creator)
        assert reply.status == 200, reply.body
        told = reply.body["total"]
        complete = told["sessionSeconds"]["count"] == 1 and told["events"].get("death") == 25
        return reply.body if complete else None

    summary = eventually(total)
    assert summary is not None
    assert list(summary) == ["projectId", "from", "to", "total", "days"]
    told = summary["total"]
    assert (told["sessions"], told["players"]) == (3, 2)
    assert told["events"] == {"death": 25, "level_up": 1}
    assert (told["scores"]["count"], told["scores"]["max"]) == (1, 12_345)
    assert told["scores"]["histogram"] == [{"from": 10_000, "to": 19_999, "count": 1}]


def test_a_strangers_project_answers_like_an_unknown_one(system: System, visitor: Visitor) -> None:
    headers = {"Authorization": f"Bearer {system.cloud.issuer.token('other@example.org')}"}
    answers = [
        visitor.ask("GET", f"analytics/summary?projectId={project}", headers=headers)
        for project in (PROJECT.id, uuid7(1))
    ]
    assert [answer.code for answer in answers] == [(404, "unknown_project")] * 2
    assert answers[0].body == answers[1].body
    assert visitor.ask("GET", f"analytics/summary?projectId={PROJECT.id}").status == 401


def test_custom_data_goes_through_the_edge(edge: LocalEdge) -> None:
    ann, bob = (Visitor(edge.url, PROJECT.id, key) for key in ("ann", "bob"))
    ann.start()
    bob.start()
    level = ann.data("POST", "levels", {"data": {"tiles": [1, 2]}}).body
    assert list(level) == ["id", "data", "createdAt", "updatedAt"]
    assert level in bob.data("GET", "levels?limit=50").body["items"]
    assert bob.data("DELETE", f"levels/{level['id']}").code == (403, "not_yours")
    changed = ann.data("PUT", f"levels/{level['id']}", {"data": {"tiles": []}})
    assert bob.data("GET", f"levels/{level['id']}").body == changed.body
    assert ann.data("DELETE", f"levels/{level['id']}").body == {"ok": True}
    assert bob.data("GET", f"levels/{level['id']}").code == (404, "unknown_item")
    save = ann.data("POST", "saves", {"data": {"level": 7}}).body
    assert bob.data("GET", f"saves/{save['id']}").code == (404, "unknown_item")
    assert bob.data("GET", "saves").body["items"] == []


def test_a_session_may_ask_sixty_times_a_minute_whatever_it_says_of_where_it_is(
    edge: LocalEdge,
) -> None:
    visitor = Visitor(edge.url, PROJECT.id)
    visitor.start()
    statuses = []
    for number in range(130):
        visitor.headers["X-Forwarded-For"] = f"198.51.100.{number}"
        reply = visitor.say("event", eventName="death")
        statuses.append(reply.status)
        if reply.status == 429:
            break
    assert reply.code == (429, "too_many_requests")
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    # A minute may have ended in between.
    assert set(statuses[:-1]) == {200}
    assert 60 <= len(statuses) <= 120


def test_a_viewer_s_own_word_for_its_address_counts_for_nothing(
    system: System, edge: LocalEdge
) -> None:
    homes = []
    for lie in ({}, {"X-Forwarded-For": "6.6.6.6"}, {"X-Forwarded-For": "7.7.7.7, 8.8.8.8"}):
        visitor = Visitor(edge.url, PROJECT.id, headers=dict(lie))
        visitor.start()
        [session] = kept(system, visitor.session["sessionId"])
        homes.append((day_of(int(session["at"]["N"])), session["ip"]["S"]))
    assert len(set(homes)) == len({day for day, _ in homes})


def test_sessions_in_use_survive_a_rotation_of_the_keys(
    system: System, edge: LocalEdge, visitor: Visitor, htmlgame: Operator
) -> None:
    before = system.parameter(names.TOKEN_KEYS)
    assert htmlgame("keys", "rotate", "--sessions", "--yes", "--json").json["rotated"] is True
    after = system.parameter(names.TOKEN_KEYS)
    assert after.split(",")[1] == before.split(",")[0] != after.split(",")[0]
    assert visitor.say("event", eventName="death").status == 200
    assert Visitor(edge.url, PROJECT.id).start().status == 200
    again = htmlgame("keys", "rotate", "--sessions", "--yes", "--json")
    assert "may still be in use; rotate again in" in again.error["message"]


def units(system: System, function: str, call: Callable[[], Reply]) -> tuple[float, float]:
    """Read and write units by DynamoDB's own count; whether a project was known aside."""
    before = len(system.requests(function))
    reply = call()
    assert reply.status == 200, reply.body
    line = system.request(function, before)
    return line["rru"], line["wru"]


def batch(size: int, **data: Any) -> list[dict[str, Any]]:
    return [{"id": uuid7(1), "eventName": "death", "data": data} for _ in range(size)]


def test_each_request_costs_its_own_writes_and_one_more(system: System, edge: LocalEdge) -> None:
    ingest = telemetry.INGEST.name
    nobody, ann = Visitor(edge.url, PROJECT.id), Visitor(edge.url, PROJECT.id, "ann")
    session = reckoned.SESSION[WRITES]
    assert units(system, ingest, nobody.start) in {(0, session), (0.5, session)}
    costs = {
        "start as a player": (ann.start, (reckoned.SESSION + reckoned.PLAYER_KEY)[WRITES]),
        "event": (lambda: ann.say("event", eventName="death", data={"x": "y" * 600}), 2),
        "batch": (
            lambda: ann.say("events", events=batch(25, x="y" * 600)),
            reckoned.events(25)[WRITES],
        ),
        "score": (lambda: ann.say("score", score=1), 2),
        "renew": (lambda: ann.say("session/renew"), 1),
        "end": (lambda: ann.say("session/end"), reckoned.SESSION_END[WRITES]),
        "end again": (lambda: ann.say("session/end"), 2),
        "nothing that is taken": (
            lambda: ann.say("events", events=[{"id": uuid7(1), "eventName": "unheard_of"}]),
            1,
        ),
    }
    measured = {name: units(system, ingest, call) for name, (call, _) in costs.items()}
    assert measured == {name: (0, written) for name, (_, written) in costs.items()}


def test_custom_data_costs_what_is_documented(system: System, edge: LocalEdge) -> None:
    data, ann = data_manifest.API.name, Visitor(edge.url, PROJECT.id, "ann")
    ann.start()
    collection = "measured"
    item: dict[str, Any] = {}

    def add() -> Reply:
        reply = ann.data("POST", collection, {"data": {"x": "y" * 700}})
        item.update(reply.body)
        return reply

    # The first writes the collection's name too. Each counts itself, and its address's requests.
    assert units(system, data, add) in {(0, 4), (0.5, 4)}
    assert units(system, data, add) == (0, 3)
    path = f"{collection}/{item['id']}"
    assert units(system, data, lambda: ann.data("GET", path)) == (0.5, 1)
    assert units(system, data, lambda: ann.data("GET", collection)) == (0.5, 1)
    assert units(system, data, lambda: ann.data("PUT", path, {"data": {}})) == (0, 2)
    assert units(system, data, lambda: ann.data("DELETE", path)) == (0, 3)


def test_a_window_costs_a_project_one_read_and_a_few_writes(
    system: System, edge: LocalEdge, own_project: Project
) -> None:
    before = len(counted(system))
    ann = Visitor(edge.url, own_project.id, "ann")
    ann.start()
    ann.say("events", events=batch(25))
    table = CounterTable(
        system.cloud.client("dynamodb"), system.parameter(telemetry.TABLE.parameter)
    )

    def all_counted() -> bool:
        days = table.days(own_project.id, "2000-01-01", "2999-01-01")
        return sum(counters.events["death"] for _, counters in days) == 25

    assert eventually(all_counted)
    windows = [line for line in counted(system)[before:] if line["counted"]]
    assert sum(line["counted"] for line in windows) == 26
    assert all(line["rru"] <= 2 and line["wru"] <= 2 for line in windows)


def counted(system: System) -> list[dict[str, Any]]:
    lines = (line for line in system.log_lines(telemetry.COUNT.name) if line.startswith("{"))
    return [logged for logged in map(json.loads, lines) if "counted" in logged]


CANARIES = {
    "player key": "canary-player-key",
    "browser": "CanaryBrowser/7.7",
    "address": "127.0.0.77",
    "claimed address": "203.0.113.77",
}


def test_the_identity_of_a_player_is_stored_nowhere(system: System, edge: LocalEdge) -> None:
    """Planted in good requests and in bad ones, then looked for wherever anything is kept."""
    visitor = Visitor(
        edge.url,
        PROJECT.id,
        CANARIES["player key"],
        headers={
            "User-Agent": CANARIES["browser"],
            "X-Forwarded-For": CANARIES["claimed address"],
        },
        _pool=urllib3.PoolManager(source_address=(CANARIES["address"], 0), retries=False),
    )
    elsewhere = Visitor(edge.url, PROJECT.id, headers=visitor.headers)
    said = [visitor.start()]
    elsewhere.start()
    begun = [kept(system, each.session["sessionId"])[0] for each in (visitor, elsewhere)]
    assert len({each["ip"]["S"] for each in begun}) == 2  # so it is that address which was hashed
    token = visitor.session["token"]
    said += [
        visitor.say("event", eventName="death"),
        visitor.say("event", eventName="unheard_of"),
        visitor.say("event", eventName="death", data={"x": "y" * 3000}),
        visitor.say("events", events=batch(2)),
        visitor.say("score", score=1),
        visitor.say("score", score="x"),
        visitor.say("session/end"),
        visitor.ask("POST", "telemetry/session", {"projectId": uuid7(1), "playerKey": token}),
        visitor.ask("POST", "telemetry/session", {"playerKey": CANARIES["player key"]}),
        visitor.data("POST", "levels", {"data": {}}),
        visitor.data("POST", "levels", {"data": 1}),
        visitor.data("GET", f"levels/{uuid7(1)}"),
        visitor.say("event", eventName="death", token=f"{token[:-1]}!"),
    ]
    assert {reply.status for reply in said} >= {200, 400, 401, 404, 422}
    client = system.cloud.client("dynamodb")
    stored = [
        str(item)
        for table in client.list_tables()["TableNames"]
        for page in client.get_paginator("scan").paginate(TableName=table)
        for item in page["Items"]
    ]
    logs = system.cloud.client("logs")
    logged = [
        event["message"]
        for page in logs.get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
        for events in logs.get_paginator("filter_log_events").paginate(
            logGroupName=group["logGroupName"]
        )
        for event in events["events"]
    ]
    assert len(stored) > 5
    assert any(visitor.session["sessionId"] in item for item in stored)
    assert any("telemetry/session" in line for line in logged)
    secrets = [
        *CANARIES.values(),
        token,
        token.partition(".")[2],
        *(key.partition(":")[2] for key in system.parameter(names.TOKEN_KEYS).split(",")),
        system.parameter(names.HASH_KEY),
    ]
    answered = [json.dumps(reply.body) for reply in said[1:]]
    for secret in secrets:
        assert len(secret) > 8
        assert not any(secret in told for told in [*stored, *logged, *answered]), secret[:4]
