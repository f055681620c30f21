"""Collections: who sees what, who may change what, and what is where afterwards."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.data import table as data_table
from lambdas.data.things import cursor_after, read_page
from lambdas.shared.dynamo.items import packed
from lambdas.shared.records.projects import Project
from lambdas.shared.records.table import project_item
from lambdas.shared.values.uuids import uuid7
from tests.lambdas.stage import PROJECT, Reply, Stage, staged

NOW_MS = 1_795_262_400_000
SOME_ITEM = "00000000-0001-7000-8000-000000000000"


@pytest.fixture(scope="module")
def shared(dynamodb: Any) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, staged(dynamodb, patch) as stage:
        yield stage


class Clock:
    minutes = 0

    def __init__(self) -> None:
        Clock.minutes += 60
        self.ms = NOW_MS + Clock.minutes * 60_000

    def ns(self) -> int:
        return self.ms * 1_000_000


@pytest.fixture
def stage(shared: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    shared.clock = Clock()
    monkeypatch.setattr("time.time_ns", shared.clock.ns)
    return shared


class Visitor:
    """A player of a project; each test has a project of its own."""

    addresses = 0

    def __init__(self, stage: Stage, project: str, player: str | None = None) -> None:
        Visitor.addresses += 1
        self.stage = stage
        self.address = f"10.0.{Visitor.addresses >> 8}.{Visitor.addresses & 255}"
        start = {"projectId": project, "playerKey": player}
        self.token = stage.post("session", start, address=self.address).body["token"]

    def ask(
        self,
        method: str,
        collection: str,
        id: str | None = None,
        body: Any = None,
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> Reply:
        path = {"collection": collection} | ({} if id is None else {"id": id})
        route = f"{method} /api/data/{{collection}}" + ("" if id is None else "/{id}")
        headers = {"authorization": f"Bearer {self.token}"} | headers
        return self.stage.call("data.api", route, body, path=path, query=query, **headers)

    def add(self, collection: str, data: Any, **more: Any) -> Any:
        reply = self.ask("POST", collection, body={"data": data, **more})
        assert reply.status == 200, reply.body
        return reply.body

    def seen(self, collection: str, **query: str) -> list[Any]:
        return [item["data"] for item in self.ask("GET", collection, query=query).body["items"]]


def made(stage: Stage, **changes: Any) -> str:
    project = Project(
        id=uuid7(stage.clock.ms), creator_id=PROJECT.creator_id, name="Levels", **changes
    )
    stage.dynamodb.put_item(TableName="creators", Item=packed(project_item(project)))
    return project.id


@pytest.fixture
def project(stage: Stage) -> str:
    return made(stage, collections={"saves": "private", "levels": "public"})


@pytest.fixture
def ann(stage: Stage, project: str) -> Visitor:
    return Visitor(stage, project, "ann")


@pytest.fixture
def bob(stage: Stage, project: str) -> Visitor:
    return Visitor(stage, project, "bob")


def test_an_item_is_what_was_sent_with_its_id_and_times(ann: Visitor) -> None:
    item = ann.add("levels", {"tiles": [1, 2], "title": "é"})
    assert list(item) == ["id", "data", "createdAt", "updatedAt"]
    assert item["data"] == {"tiles": [1, 2], "title": "é"}
    assert item["createdAt"] == item["updatedAt"]
    assert ann.ask("GET", "levels", item["id"]).body == item


def test_everybody_in_the_project_sees_a_public_item_and_only_its_owner_changes_it(
    ann: Visitor, bob: Visitor
) -> None:
    item = ann.add("levels", {"n": 1})
    assert bob.ask("GET", "levels", item["id"]).body == item
    assert bob.seen("levels") == [{"n": 1}]
    for method, body in (("PUT", {"data": {}}), ("DELETE", None)):
        assert bob.ask(method, "levels", item["id"], body).code == (403, "not_yours")
    ann.stage.clock.ms += 5_000
    changed = ann.ask("PUT", "levels", item["id"], {"data": {"n": 2}}).body
    assert (changed["id"], changed["data"]) == (item["id"], {"n": 2})
    assert changed["createdAt"] == item["createdAt"] < changed["updatedAt"]
    assert bob.seen("levels") == [{"n": 2}]
    assert ann.ask("DELETE", "levels", item["id"]).body == {"ok": True}
    assert ann.ask("DELETE", "levels", item["id"]).body == {"ok": True}
    assert ann.ask("GET", "levels", item["id"]).code == (404, "unknown_item")
    assert ann.ask("PUT", "levels", item["id"], {"data": {}}).code == (404, "unknown_item")


def test_only_who_has_the_key_is_the_player(stage: Stage, project: str, ann: Visitor) -> None:
    """Nothing of what a player lets be seen is of use: not their item, not their hash."""
    save = ann.add("saves", {"n": 1})
    item = ann.add("levels", {"n": 1})
    mine = (each for each in stage.items("telemetry") if project in each["PK"]["S"])
    [hashed] = {each["player"]["S"] for each in mine if "player" in each}
    for guess in (hashed, item["id"], "ann ", "Ann"):
        guesser = Visitor(stage, project, guess)
        assert guesser.ask("GET", "saves", save["id"]).code == (404, "unknown_item")
        assert guesser.ask("DELETE", "levels", item["id"]).code == (403, "not_yours")
    again = Visitor(stage, project, "ann")
    assert again.seen("saves") == [{"n": 1}]
    assert again.ask("DELETE", "levels", item["id"]).body == {"ok": True}


def test_only_its_owner_sees_a_private_item(ann: Visitor, bob: Visitor) -> None:
    item = ann.add("saves", {"level": 7})
    assert ann.seen("saves") == [{"level": 7}]
    assert bob.seen("saves") == []
    for method, body in (("GET", None), ("PUT", {"data": {}})):
        assert bob.ask(method, "saves", item["id"], body).code == (404, "unknown_item")
    assert bob.ask("DELETE", "saves", item["id"]).body == {"ok": True}
    assert ann.ask("GET", "saves", item["id"]).body == item


def test_a_player_is_the_same_in_a_later_session_and_a_stranger_is_not(
    stage: Stage, ann: Visitor, project: str
) -> None:
    item = ann.add("saves", {"level": 7})
    again = Visitor(stage, project, "ann")
    assert again.ask("PUT", "saves", item["id"], {"data": {"level": 8}}).status == 200
    stranger, other = Visitor(stage, project), Visitor(stage, project)
    own = stranger.add("saves", {"level": 1})
    assert other.ask("GET", "saves", own["id"]).code == (404, "unknown_item")
    assert stranger.seen("saves") == [{"level": 1}]


def test_another_project_s_collection_of_that_name_is_another(stage: Stage, ann: Visitor) -> None:
    item = ann.add("levels", {"n": 1})
    elsewhere = Visitor(stage, made(stage), "ann")
    assert elsewhere.seen("levels") == []
    assert elsewhere.ask("GET", "levels", item["id"]).code == (404, "unknown_item")


def test_pages_go_from_the_newest_to_the_oldest(ann: Visitor, bob: Visitor) -> None:
    for number in range(5):
        ann.stage.clock.ms += 10
        (ann, bob)[number % 2].add("levels", {"n": number})
    first = ann.ask("GET", "levels", query={"limit": "2"}).body
    second = ann.ask("GET", "levels", query={"limit": "2", "cursor": first["cursor"]}).body
    third = ann.ask("GET", "levels", query={"limit": "2", "cursor": second["cursor"]}).body
    pages = [[item["data"]["n"] for item in page["items"]] for page in (first, second, third)]
    assert pages == [[4, 3], [2, 1], [0]]
    assert list(first) == ["items", "cursor"]
    assert third["cursor"] is None


def test_own_pages_hold_what_is_one_s_own(ann: Visitor, bob: Visitor) -> None:
    for number in range(6):
        ann.stage.clock.ms += 10
        (ann, bob)[number % 2].add("saves", {"n": number})
    page = bob.ask("GET", "saves", query={"limit": "2"}).body
    rest = bob.ask("GET", "saves", query={"cursor": page["cursor"]}).body
    assert [item["data"]["n"] for item in page["items"] + rest["items"]] == [5, 3, 1]


def test_the_same_item_sent_again_is_the_same_item(ann: Visitor, bob: Visitor) -> None:
    own = uuid7(ann.stage.clock.ms)
    first = ann.add("levels", {"n": 1}, id=own)
    ann.stage.clock.ms += 1000
    assert ann.add("levels", {"n": 1}, id=own.upper()) == first
    reply = bob.ask("POST", "levels", body={"data": {}, "id": own})
    assert reply.code == (409, "id_taken")
    assert ann.seen("levels") == [{"n": 1}]


def test_nobody_puts_an_item_on_top_for_ever(ann: Visitor) -> None:
    now = ann.stage.clock.ms
    of_chance = f"{uuid7(now)[:14]}4{uuid7(now)[15:]}"
    for chosen in (uuid7(now + 600_000), uuid7(now - 600_000), of_chance):
        reply = ann.ask("POST", "levels", body={"data": {}, "id": chosen})
        assert reply.code == (400, "malformed")
        assert reply.body["error"]["message"].startswith("id: not a UUID of version 7")


def test_a_collection_that_changes_its_visibility_shows_no_more_than_before(
    stage: Stage,
) -> None:
    def visible(seen: str) -> None:
        project = Project(
            id=project_id, creator_id=PROJECT.creator_id, name="x", collections={"notes": seen}
        )
        stage.dynamodb.put_item(TableName="creators", Item=packed(project_item(project)))
        stage.module("data.api").projects._cached.clear()

    project_id = made(stage, collections={"notes": "private"})
    ann, bob = Visitor(stage, project_id, "ann"), Visitor(stage, project_id, "bob")
    secret = ann.add("notes", {"n": "secret"})
    visible("public")
    shown = ann.add("notes", {"n": "shown"})
    assert bob.seen("notes") == [{"n": "shown"}]
    assert bob.ask("GET", "notes", secret["id"]).code == (404, "unknown_item")
    assert ann.ask("GET", "notes", secret["id"]).body == secret
    assert ann.ask("PUT", "notes", secret["id"], {"data": {"n": "still"}}).status == 200
    visible("private")
    assert ann.seen("notes") == [{"n": "still"}]
    assert bob.ask("GET", "notes", shown["id"]).code == (404, "unknown_item")
    assert ann.ask("GET", "notes", shown["id"]).body == shown
    assert ann.ask("DELETE", "notes", shown["id"]).body == {"ok": True}
    visible("public")
    assert bob.seen("notes") == []


def test_collections_are_known_by_name_so_that_all_can_be_found(
    stage: Stage, ann: Visitor, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_table, "MOST_COLLECTIONS", 3)
    monkeypatch.setattr(stage.module("data.api").table, "_undeclared", True)
    for name in ("towers", "saves", "towers", "ghosts"):
        ann.add(name, {})
    refused = ann.ask("POST", "more", body={"data": {}})
    assert refused.code == (422, "too_many_collections")
    ann.add("saves", {})
    [known] = [
        item
        for item in stage.items("data")
        if (item["PK"]["S"], item["SK"]["S"]) == (project, "COLLECTIONS")
    ]
    assert set(known["names"]["SS"]) == {"towers", "saves", "ghosts"}
    partitions = {item["PK"]["S"] for item in stage.items("data")}
    assert f"{project}#more" not in partitions


def test_declared_collections_have_room_whatever_visitors_create(
    stage: Stage, ann: Visitor, bob: Visitor, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_table, "MOST_COLLECTIONS", 3)
    monkeypatch.setattr(stage.module("data.api").table, "_undeclared", True)
    for name in ("made", "up", "names"):
        ann.add(name, {})
    assert bob.ask("POST", "more", body={"data": {}}).code == (422, "too_many_collections")
    for name in ("levels", "saves"):
        bob.add(name, {})
    [known, _usage] = [item for item in stage.items("data") if item["PK"]["S"] == project]
    assert set(known["names"]["SS"]) == {"made", "up", "names", "levels", "saves"}


BAD: list[tuple[str, str, str | None, Any, dict[str, str] | None, str]] = [
    ("GET", "Levels", None, None, None, "collection: not 1 to 40"),
    ("GET", "x" * 41, None, None, None, "collection: not 1 to 40"),
    ("GET", "levels", None, None, {"limit": "0"}, "limit: not a whole number from 1 to 50"),
    ("GET", "levels", None, None, {"limit": "51"}, "limit: not a whole number from 1 to 50"),
    ("GET", "levels", None, None, {"cursor": "x"}, "cursor: not a cursor"),
    ("GET", "levels", None, None, {"cursor": "é"}, "cursor: not a cursor"),
    ("POST", "levels", None, {}, None, "data: missing"),
    ("POST", "levels", None, {"data": []}, None, "data: not a JSON object"),
    ("POST", "levels", None, {"data": {"x": "y" * 8192}}, None, "data: 8200 bytes as JSON"),
    ("POST", "levels", None, {"data": {}, "owner": "me"}, None, "'owner': unknown"),
    ("PUT", "levels", SOME_ITEM, {"data": {}, "id": SOME_ITEM}, None, "'id': unknown"),
]


@pytest.mark.parametrize(("method", "collection", "id", "body", "query", "sentence"), BAD)
def test_a_wrong_request_is_named_and_costs_no_more_than_its_count(
    ann: Visitor,
    method: str,
    collection: str,
    id: str | None,
    body: Any,
    query: dict[str, str] | None,
    sentence: str,
) -> None:
    reply = ann.ask(method, collection, id, body, query)
    assert reply.code == (400, "malformed")
    assert reply.body["error"]["message"].startswith(sentence)
    assert ann.stage.module("data.api").table.spent.writes in (0.5, 1)  # the engines differ


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_id_that_is_none_names_nothing(ann: Visitor, method: str) -> None:
    assert ann.ask(method, "levels", "7", {"data": {}}).code == (404, "unknown_item")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic x", "Bearer x.y", "Bearer é"])
def test_without_a_session_there_is_nothing(ann: Visitor, authorization: str) -> None:
    reply = ann.ask("GET", "levels", authorization=authorization)
    assert reply.code == (401, "bad_token")


def test_data_counts_against_the_same_limit_as_events(stage: Stage, project: str) -> None:
    ann = Visitor(stage, project, "ann")
    codes = [ann.ask("GET", "levels").status for _ in range(60)]
    assert codes == [200] * 59 + [429]


@given(st.uuids())
def test_a_cursor_is_the_id_it_was_made_of(id: Any) -> None:
    assert read_page({"cursor": cursor_after(str(id))}) == (20, str(id))


def test_data_is_kept_as_text(stage: Stage, ann: Visitor) -> None:
    item = ann.add("levels", {"deep": {"n": 1.5}})
    [kept] = [each for each in stage.items("data") if each["SK"]["S"] == f"I#{item['id']}"]
    assert json.loads(kept["data"]["S"]) == {"deep": {"n": 1.5}}
    assert set(kept) == {"PK", "SK", "owner", "data", "created", "updated"}
