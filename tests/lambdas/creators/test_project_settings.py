"""A creator's settings are read field by field; an error names the field and the fix."""

import json
from typing import Any

import pytest

from lambdas.creators.errors import ProjectChanged
from lambdas.creators.project_settings import changed_project, new_project, project_json
from lambdas.shared.http.errors import Malformed
from lambdas.shared.records.projects import Project, Retention
from lambdas.shared.records.table import project_from, project_item

BEFORE, NOW = "2026-11-20T00:00:00.000Z", "2026-11-21T12:00:00.000Z"


def made(**sent: Any) -> Project:
    body = json.dumps({"name": "Snake", **sent}).encode()
    return new_project(body, project_id="p", creator_id="c", now=BEFORE)


def changed(project: Project, **sent: Any) -> Project:
    return changed_project(project, json.dumps(sent).encode(), now=NOW)


def test_a_name_is_all_a_project_needs() -> None:
    project = made(name="  Snäke\n 2 ")
    assert project_json(project) == {
        "id": "p",
        "name": "Snäke 2",
        "events": [],
        "retention": {"eventDays": 90, "sessionDays": 30, "scoreDays": 365},
        "injectable": [],
        "collections": {},
        "collectionDays": {},
        "createdAt": BEFORE,
        "updatedAt": BEFORE,
        "version": 1,
    }


def test_settings_that_are_not_named_stay() -> None:
    project = made(events=["death"], retention={"eventDays": 7}, collections={"saves": "private"})
    assert project.retention == Retention(event_days=7, session_days=30, score_days=365)
    after = changed(project, injectable=["GAME_API_KEY"], retention={"scoreDays": None})
    assert (after.name, after.events, after.collections) == (
        "Snake",
        ("death",),
        {"saves": "private"},
    )
    assert after.retention == Retention(event_days=7, session_days=30, score_days=None)
    assert after.retention.pointer_days is None
    assert (after.version, after.created_at, after.updated_at) == (2, BEFORE, NOW)


def test_a_change_to_an_older_version_overwrites_nothing() -> None:
    project = made()
    with pytest.raises(ProjectChanged):
        changed(changed(project, version=1, name="Two"), version=1, name="Three")


def test_stored_and_read_it_is_the_same() -> None:
    project = made(
        events=["death", "level_up"],
        retention={"scoreDays": None},
        injectable=["KEY"],
        collections={"saves": "public"},
    )
    assert project_from(project_item(project)) == project


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"name": ""}, "name: 0 characters"),
        ({"name": "x" * 81}, "name: 81 characters"),
        ({"name": 5}, "name: missing, or not text"),
        ({"name": "a\u202eb"}, "name: has a character that cannot be seen"),
        ({"name": "a\u0000b"}, "name: has a character that cannot be seen"),
        ({"colour": "red"}, "'colour': unknown"),
        ({"creatorId": "me"}, "'creatorId': unknown"),
        ({"version": 1}, "'version': unknown"),
        ({"events": "death"}, "events: not a list"),
        ({"events": ["Death"]}, "events[0]: not an event's name"),
        ({"events": ["a" * 41]}, "events[0]: not an event's name"),
        ({"events": ["a", "b", "a"]}, "events[2]: a is named twice"),
        ({"events": [1]}, "events[0]: not an event's name"),
        ({"events": [f"e{n}" for n in range(51)]}, "events: 51 names; at most 50"),
        ({"injectable": ["key"]}, "injectable[0]: not a key"),
        ({"injectable": ["K" * 65]}, "injectable[0]: not a key"),
        ({"retention": 30}, "retention: not an object"),
        ({"retention": {"days": 30}}, "retention.'days': unknown"),
        ({"retention": {"eventDays": 0}}, "retention.eventDays: not a whole number"),
        ({"retention": {"eventDays": 366}}, "retention.eventDays: not a whole number"),
        ({"retention": {"eventDays": None}}, "retention.eventDays: not a whole number"),
        ({"retention": {"sessionDays": True}}, "retention.sessionDays: not a whole number"),
        ({"retention": {"sessionDays": 1.5}}, "retention.sessionDays: not a whole number"),
        ({"retention": {"scoreDays": 4000}}, "retention.scoreDays: not a whole number"),
        ({"collections": ["saves"]}, "collections: not an object"),
        ({"collections": {"Saves": "public"}}, "collections: 'Saves' is no collection"),
        ({"collections": {"saves": "secret"}}, "collections.saves: not"),
        ({"collections": {f"c{n}": "public" for n in range(51)}}, "collections: 51 named"),
    ],
)
def test_a_field_that_does_not_fit_is_named(sent: dict[str, Any], says: str) -> None:
    with pytest.raises(Malformed) as refused:
        made(**sent)
    assert str(refused.value).startswith(says)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"name": NaN}', b"\xff"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match=r"^(body|name): "):
        new_project(body, project_id="p", creator_id="c", now=NOW)


def test_without_a_name_there_is_no_project() -> None:
    with pytest.raises(Malformed, match=r"^name: missing"):
        new_project(b"{}", project_id="p", creator_id="c", now=NOW)
