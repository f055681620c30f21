"""Reads a creator's settings for a project, and checks them field by field."""

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

from lambdas.creators.errors import ProjectChanged
from lambdas.shared.http.bodies import object_in, refuse_unknown
from lambdas.shared.http.errors import Malformed
from lambdas.shared.records.projects import (
    COLLECTION,
    EVENT_NAME,
    MOST_EVENTS,
    MOST_KEY_CHARACTERS,
    Project,
    Retention,
    is_key,
)

MOST_BODY_BYTES: Final = 16_384
MOST_INJECTABLE: Final = 50
MOST_COLLECTIONS: Final = 50
MOST_NAME_CHARACTERS: Final = 80
MOST_DAYS: Final = 365
MOST_SCORE_DAYS: Final = 3650
MOST_KEPT_DAYS: Final = 3650

_EVENT: Final = re.compile(EVENT_NAME)
_COLLECTION: Final = re.compile(COLLECTION)
_UNSEEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_RETENTION: Final = ("eventDays", "sessionDays", "scoreDays")
_FIELDS: Final = ("name", "events", "retention", "injectable", "collections", "collectionDays")

Json = dict[str, Any]


def new_project(body: bytes, *, project_id: str, creator_id: str, now: str) -> Project:
    sent = object_in(body, most_bytes=MOST_BODY_BYTES, fields=_FIELDS)
    blank = Project(
        id=project_id, creator_id=creator_id, name="", created_at=now, updated_at=now, version=1
    )
    return replace(blank, **_changes(blank, {"name": None, **sent}))


def changed_project(project: Project, body: bytes, *, now: str) -> Project:
    """Keeps fields that are not sent. A client that sends the version overwrites no later one."""
    sent = object_in(body, most_bytes=MOST_BODY_BYTES, fields=(*_FIELDS, "version"))
    changed = replace(project, **_changes(project, sent))
    version = sent.get("version", project.version)
    if not isinstance(version, int) or isinstance(version, bool):
        raise Malformed("version", "not the whole number that the project was read with")
    if version != project.version:
        raise ProjectChanged
    return replace(changed, updated_at=now, version=project.version + 1)


def project_json(project: Project) -> Json:
    retention = project.retention
    return {
        "id": project.id,
        "name": project.name,
        "events": list(project.events),
        "retention": {
            "eventDays": retention.event_days,
            "sessionDays": retention.session_days,
            "scoreDays": retention.score_days,
        },
        "injectable": list(project.injectable),
        "collections": dict(project.collections),
        "collectionDays": dict(project.collection_days),
        "createdAt": project.created_at,
        "updatedAt": project.updated_at,
        "version": project.version,
    }


def _changes(project: Project, sent: Json) -> Json:
    readers: dict[str, Callable[[Any], Any]] = {
        "name": _name,
        "events": _events,
        "retention": lambda value: _retention(value, project.retention),
        "injectable": _injectable,
        "collections": _collections,
    }
    changes = {field: read(sent[field]) for field, read in readers.items() if field in sent}
    declared = changes.get("collections", project.collections)
    days = sent.get("collectionDays")
    if days is None:
        # A collection that is no longer declared takes its days along.
        days = {name: each for name, each in project.collection_days.items() if name in declared}
    return changes | {"collection_days": _collection_days(days, declared)}


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("name", "missing, or not text")
    name = " ".join(unicodedata.normalize("NFC", value).split())
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        raise Malformed("name", "has a character that cannot be seen; leave it out")
    if not 1 <= len(name) <= MOST_NAME_CHARACTERS:
        raise Malformed("name", f"{len(name)} characters; 1 to {MOST_NAME_CHARACTERS}")
    return name


def _events(value: Any) -> tuple[str, ...]:
    problem = (
        "not an event's name such as level_up: lower-case letters, digits and underscores, "
        "a letter first, 40 at most"
    )
    return _names("events", value, MOST_EVENTS, _is(_EVENT), problem)


def _injectable(value: Any) -> tuple[str, ...]:
    problem = (
        "not a key such as GAME_API_KEY: capitals, digits and underscores, a letter first, "
        f"{MOST_KEY_CHARACTERS} at most"
    )
    return _names("injectable", value, MOST_INJECTABLE, is_key, problem)


def _is(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda text: isinstance(text, str) and pattern.fullmatch(text) is not None


def _names(
    field: str, value: Any, most: int, fits: Callable[[Any], bool], problem: str
) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Malformed(field, "not a list of names")
    if len(value) > most:
        raise Malformed(field, f"{len(value)} names; at most {most}")
    for index, name in enumerate(value):
        if not fits(name):
            raise Malformed(f"{field}[{index}]", problem)
        if name in value[:index]:
            raise Malformed(f"{field}[{index}]", f"{name} is named twice")
    return tuple(value)


def _retention(value: Any, before: Retention) -> Retention:
    if not isinstance(value, dict):
        raise Malformed("retention", f"not an object with {', '.join(_RETENTION)}")
    refuse_unknown(value, _RETENTION, "retention.")
    return Retention(
        event_days=_days(value, "eventDays", before.event_days, MOST_DAYS),
        session_days=_days(value, "sessionDays", before.session_days, MOST_DAYS),
        score_days=_score_days(value, before.score_days),
    )


def _score_days(value: Json, before: int | None) -> int | None:
    if value.get("scoreDays", before) is None:
        return None
    return _days(value, "scoreDays", before, MOST_SCORE_DAYS, " or null, to keep them for ever")


def _days(value: Json, field: str, before: int | None, most: int, otherwise: str = "") -> int:
    days = value.get(field, before)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= most:
        raise Malformed(
            f"retention.{field}", f"not a whole number of days from 1 to {most}{otherwise}"
        )
    return days


def _collection_days(value: Any, declared: Collection[str]) -> dict[str, int]:
    if not isinstance(value, dict):
        raise Malformed("collectionDays", 'not an object such as {"chat": 30}')
    for name, days in value.items():
        if name not in declared:
            raise Malformed("collectionDays", f"{name[:40]!r} is not declared in collections")
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_KEPT_DAYS:
            raise Malformed(
                f"collectionDays.{name}",
                f"not a whole number of days from 1 to {MOST_KEPT_DAYS}; leave it out to keep "
                "items for ever",
            )
    return dict(value)


def _collections(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Malformed("collections", 'not an object such as {"saves": "private"}')
    if len(value) > MOST_COLLECTIONS:
        raise Malformed("collections", f"{len(value)} named; at most {MOST_COLLECTIONS}")
    for name, visibility in value.items():
        if not _COLLECTION.fullmatch(name):
            raise Malformed(
                "collections",
                f"{name[:40]!r} is no collection's name: lower-case letters, digits, hyphens and "
                "underscores, a letter first, 40 at most",
            )
        if visibility not in ("public", "private"):
            raise Malformed(f"collections.{name}", 'not "public" or "private"')
    return dict(value)
