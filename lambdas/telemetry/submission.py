"""Reads what a game sends, and checks it field by field."""

import re
from dataclasses import dataclass
from typing import Any, Final

from lambdas.shared.http.bodies import kept_object, object_in, refuse_unknown
from lambdas.shared.http.errors import Malformed, Refusal
from lambdas.shared.keys.identities import player_key
from lambdas.shared.keys.tokens import BadToken, Grant
from lambdas.shared.records.projects import EVENT_NAME, Project
from lambdas.shared.values.uuids import is_uuid, uuid7
from lambdas.shared.values.wire import LARGEST_INTEGER
from lambdas.telemetry.errors import EventNotAllowed
from lambdas.telemetry.records import Event, Score

MOST_BODY_BYTES: Final = 65_536
"""As much as a browser's beacon can carry."""
MOST_DATA_BYTES: Final = 2048
MOST_EVENTS: Final = 25
EVENT_FIELDS: Final = ("id", "eventName", "data", "at")
SCORE_FIELDS: Final = ("id", "score", "metadata")
_EVENT_NAME: Final = re.compile(EVENT_NAME)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
    """A request for a session."""

    project_id: str
    player_key: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What every message of a session carries."""

    session_id: str
    token: str
    content: Json

    def within(self, grant: Grant) -> Grant:
        if self.session_id.lower() != grant.session_id:
            raise BadToken
        return grant


@dataclass(frozen=True, slots=True)
class Message:
    """What a session sends to its project, before its content is read."""

    content: Json
    grant: Grant
    project: Project
    now_ms: int


def read_start(body: bytes) -> Start:
    content = object_in(body, most_bytes=MOST_BODY_BYTES, fields=("projectId", "playerKey"))
    return Start(_uuid(content, "projectId").lower(), player_key(content.get("playerKey")))


def read_sent(body: bytes, *fields: str) -> Sent:
    content = object_in(body, most_bytes=MOST_BODY_BYTES, fields=("sessionId", "token", *fields))
    token = content.get("token")
    if not isinstance(token, str):
        raise Malformed("token", "missing; POST to session first, which answers with one")
    return Sent(_uuid(content, "sessionId"), token, content)


def read_event(message: Message) -> Event:
    content, project = message.content, message.project
    name = content.get("eventName")
    if not isinstance(name, str) or not _EVENT_NAME.fullmatch(name):
        raise Malformed("eventName", "not 1 to 40 of a-z, 0-9 and _ that begin with a letter")
    data = kept_object("data", content.get("data"), MOST_DATA_BYTES)
    client_at = _client_time(content.get("at"))
    if name not in project.events:
        raise EventNotAllowed
    return Event(
        project_id=project.id,
        session_id=message.grant.session_id,
        id=_own_id(content) or uuid7(message.now_ms),
        at=message.now_ms,
        name=name,
        data=data,
        client_at=client_at,
        keep_days=project.retention.event_days,
    )


def read_batch(content: Json) -> list[Json]:
    """Returns the events, each with an id. Their other fields are not checked yet."""
    events = content.get("events")
    if not isinstance(events, list) or not 1 <= len(events) <= MOST_EVENTS:
        raise Malformed("events", f"not a list of 1 to {MOST_EVENTS}")
    for number, event in enumerate(events):
        if not isinstance(event, dict):
            raise Malformed(f"events[{number}]", "not a JSON object")
        if not is_uuid(event.get("id")):
            raise Malformed(f"events[{number}].id", "not a UUID; crypto.randomUUID() makes one")
    return events


def read_one_of_batch(message: Message) -> Event | Refusal:
    """Returns the refusal as that event's answer, so that it stops none of the others."""
    try:
        refuse_unknown(message.content, EVENT_FIELDS)
        return read_event(message)
    except Refusal as refusal:
        return refusal


def read_score(message: Message) -> Score:
    content, project = message.content, message.project
    score = content.get("score")
    if not isinstance(score, int) or isinstance(score, bool):
        raise Malformed("score", "not a whole number such as 12345")
    if abs(score) > LARGEST_INTEGER:
        raise Malformed("score", f"beyond ±{LARGEST_INTEGER}")
    metadata = kept_object("metadata", content.get("metadata"), MOST_DATA_BYTES)
    return Score(
        project_id=project.id,
        session_id=message.grant.session_id,
        id=_own_id(content) or uuid7(message.now_ms),
        at=message.now_ms,
        score=score,
        metadata=metadata,
        player=message.grant.player,
        keep_days=project.retention.score_days,
    )


def _uuid(content: Json, field: str) -> str:
    value = content.get(field)
    if not is_uuid(value):
        raise Malformed(field, "missing" if value is None else "not a UUID")
    return str(value)


def _own_id(content: Json) -> str | None:
    return None if content.get("id") is None else _uuid(content, "id").lower()


def _client_time(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_INTEGER:
        raise Malformed("at", "not whole milliseconds since 1970, such as Date.now() gives")
    return value
