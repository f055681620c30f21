"""Declared collections, quotas, expiry, and what a creator deletes."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.data.table import collections_key, usage_key
from lambdas.shared.dynamo.items import packed
from tests.lambdas.data.test_api import Clock, Visitor, made
from tests.lambdas.stage import PROJECT, Reply, Stage, staged

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture(scope="module")
def shared(dynamodb: Any) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, staged(dynamodb, patch) as stage:
        yield stage


@pytest.fixture
def stage(shared: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    shared.clock = Clock()
    monkeypatch.setattr("time.time_ns", shared.clock.ns)
    return shared


@pytest.fixture
def project(stage: Stage) -> str:
    stage.module("data.api").table._quota = 50_000
    return made(
        stage,
        collections={"saves": "private", "levels": "public", "chat": "public"},
        collection_days={"chat": 2},
    )


@pytest.fixture
def ann(stage: Stage, project: str) -> Visitor:
    return Visitor(stage, project, "ann")


def creator(stage: Stage, method: str, project: str, *names: str, **query: str) -> Reply:
    """A request of the project's creator."""
    keys = ("collection", "id")[: len(names)]
    path = {"projectId": project, **dict(zip(keys, names, strict=True))}
    route = f"{method} /api/project/{{projectId}}/data" + "".join(f"/{{{key}}}" for key in keys)
    stage.claims = {"sub": PROJECT.creator_id}
    try:
        return stage.call("data.api", route, path=path, query=query or None)
    finally:
        stage.claims = None


def put(stage: Stage, item: dict[str, Any]) -> None:
    stage.dynamodb.put_item(TableName="data", Item=packed(item))


def usage(stage: Stage, project: str) -> int:
    key = packed(usage_key(project))
    item = stage.dynamodb.get_item(TableName="data", Key=key, ConsistentRead=True)["Item"]
    return int(item["items_kept"]["N"])


def test_nobody_begins_a_collection_that_is_not_declared(ann: Visitor) -> None:
    """Two sessions and a hundred requests took every name that a project had left."""
    for number in range(20):
        reply = ann.ask("POST", f"squat{number}", body={"data": {}})
        assert reply.code == (422, "undeclared_collection")
    assert "declares it" in reply.body["error"]["message"]
    ann.add("levels", {})


def test_a_collection_from_before_declarations_keeps_working(
    stage: Stage,
    project: str,
    ann: Visitor,
) -> None:
    put(stage, collections_key(project) | {"names": {"old"}})
    item = ann.add("old", {"n": 1})
    assert ann.seen("old") == [{"n": 1}]
    assert ann.ask("PUT", "old", item["id"], {"data": {}}).status == 200


def test_an_operator_may_allow_undeclared_collections(
    stage: Stage,
    ann: Visitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage.module("data.api").table, "_undeclared", True)
    ann.add("anything", {})


def test_a_project_keeps_no_more_than_its_quota(
    stage: Stage,
    project: str,
    ann: Visitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage.module("data.api").table, "_quota", 3)
    items = [ann.add("levels", {"n": n}) for n in range(3)]
    assert ann.ask("POST", "levels", body={"data": {}}).code == (422, "quota_used")
    assert len(ann.seen("levels")) == 3
    ann.ask("DELETE", "levels", items[0]["id"])
    ann.add("saves", {})
    assert ann.ask("POST", "saves", body={"data": {}}).code == (422, "quota_used")
    assert usage(stage, project) == 3


def test_the_same_item_again_counts_once(stage: Stage, project: str, ann: Visitor) -> None:
    item = ann.add("levels", {})
    assert ann.add("levels", {}, id=item["id"])["id"] == item["id"]
    assert usage(stage, project) == 1


def test_a_project_from_before_quotas_is_counted_with_its_first_item(
    stage: Stage,
    project: str,
    ann: Visitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann.add("levels", {})
    ann.add("levels", {})
    stage.dynamodb.delete_item(TableName="data", Key=packed(usage_key(project)))
    monkeypatch.setattr(stage.module("data.api").table, "_quota", 3)
    ann.add("levels", {})
    assert usage(stage, project) == 3
    assert ann.ask("POST", "levels", body={"data": {}}).code == (422, "quota_used")


def test_a_count_that_is_too_high_is_corrected_within_an_hour(
    stage: Stage,
    project: str,
    ann: Visitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As after a crash between the count and the item, or when items have expired."""
    ann.add("levels", {})
    monkeypatch.setattr(stage.module("data.api").table, "_quota", 5)
    put(stage, usage_key(project) | {"items_kept": 5, "recounted": stage.clock.ms})
    assert ann.ask("POST", "levels", body={"data": {}}).code == (422, "quota_used")
    stage.clock.ms += HOUR_MS + 1
    ann = Visitor(stage, project, "ann")
    ann.add("levels", {})
    assert usage(stage, project) == 2


def test_an_item_expires_after_its_collections_days(
    stage: Stage,
    project: str,
    ann: Visitor,
) -> None:
    item = ann.add("chat", {"n": 1})
    stage.clock.ms += DAY_MS
    ann = Visitor(stage, project, "ann")
    ann.ask("PUT", "chat", item["id"], {"data": {"n": 2}})
    stage.clock.ms += 2 * DAY_MS - 1000
    ann = Visitor(stage, project, "ann")
    assert ann.seen("chat") == [{"n": 2}]
    stage.clock.ms += 1000
    assert ann.seen("chat") == []
    assert ann.ask("GET", "chat", item["id"]).code == (404, "unknown_item")
    [stored] = [row for row in stage.items("data") if row["SK"]["S"].endswith(item["id"])]
    assert int(stored["expires"]["N"]) == stage.clock.ms // 1000


def test_a_creator_lists_and_deletes_items_of_all_players(
    stage: Stage,
    project: str,
    ann: Visitor,
) -> None:
    bob = Visitor(stage, project, "bob")
    public, private = ann.add("levels", {"n": 1}), bob.add("saves", {"n": 2})
    told = creator(stage, "GET", project).body
    assert {each["name"] for each in told["collections"]} == {"saves", "levels", "chat"}
    assert (told["items"], told["quota"]) == (2, 50_000)
    [seen] = creator(stage, "GET", project, "saves").body["items"]
    assert (seen["id"], seen["private"], seen["data"]) == (private["id"], True, {"n": 2})
    assert creator(stage, "DELETE", project, "levels", public["id"]).body == {"ok": True}
    assert creator(stage, "DELETE", project, "saves", private["id"]).status == 404
    gone = creator(stage, "DELETE", project, "saves", private["id"], owner=seen["owner"])
    assert gone.body == {"ok": True}
    assert (ann.seen("levels"), bob.seen("saves")) == ([], [])
    audit = [row["action"]["S"] for row in stage.items("creators") if "action" in row]
    assert audit.count("data.remove") == 2


def test_pages_of_a_creator_hold_every_item_once(
    stage: Stage,
    project: str,
    ann: Visitor,
) -> None:
    made_ids = {ann.add("levels", {"n": n})["id"] for n in range(5)}
    found: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = creator(stage, "GET", project, "levels", **query).body
        found += [item["id"] for item in page["items"]]
        if page["cursor"] is None:
            break
        query["cursor"] = page["cursor"]
    assert sorted(found) == sorted(made_ids)


def test_clearing_an_undeclared_collection_closes_it(
    stage: Stage,
    project: str,
    ann: Visitor,
) -> None:
    put(stage, collections_key(project) | {"names": {"old"}})
    ann.add("old", {})
    assert creator(stage, "DELETE", project, "old").body == {"removed": 1}
    assert creator(stage, "DELETE", project, "old").body == {"removed": 0}
    stage.module("data.api").table._known.clear()  # as a minute later
    assert ann.ask("POST", "old", body={"data": {}}).code == (422, "undeclared_collection")
    assert usage(stage, project) == 0


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_another_creator_sees_and_deletes_nothing(
    stage: Stage,
    project: str,
    ann: Visitor,
    method: str,
) -> None:
    ann.add("levels", {})
    stage.claims = {"sub": "99999999-2222-4333-8444-555555555555"}
    try:
        route = f"{method} /api/project/{{projectId}}/data/{{collection}}"
        path = {"projectId": project, "collection": "levels"}
        assert stage.call("data.api", route, path=path).code == (404, "unknown_project")
    finally:
        stage.claims = None
    assert ann.seen("levels") == [{}]


@pytest.mark.parametrize("cursor", ["", "!", "AAAA", "T" * 300])
def test_a_creators_cursor_that_is_none_is_refused(stage: Stage, project: str, cursor: str) -> None:
    reply = creator(stage, "GET", project, "levels", cursor=cursor)
    assert reply.code == (400, "malformed")
