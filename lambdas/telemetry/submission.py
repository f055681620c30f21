"""What a game sends, checked field by field; nothing of it is believed before."""

import re
from dataclasses import dataclass
from typing import Any, Final

from lambdas.shared.http.bodies import kept_object, object_in, refuse_unknown
from lambdas.shared.http.errors import Malformed, Refusal
from lambdas.shared.keys.identities import player_key
from lambdas.shared.keys.tokens import BadToken, Grant
from lambdas.shared.records.projects import EVENT_NAME, Project
from lambdas.shared.values.uuids import is_uuid
from lambdas.shared.values.wire import LARGEST_INTEGER
from lambdas.telemetry.errors import EventNotAllowed

MOST_BODY_BYTES: Final = 65_536
"""As much as a beacon can carry."""
MOST_DATA_BYTES: Final = 2048
MOST_EVENTS: Final = 25
_EVENT_NAME: Final = re.compile(EVENT_NAME)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
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
class SentEvent:
    id: str | None
    name: str
    data: str
    client_at: int | None


@dataclass(frozen=True, slots=True)
class SentScore:
    id: str | None
    score: int
    metadata: str


def read_start(body: bytes) -> Start:
    content = object_in(body, most_bytes=MOST_BODY_BYTES, fields=("projectId", "playerKey"))
    return Start(_uuid(content, "projectId").lower(), player_key(content.get("playerKey")))


def read_sent(body: bytes, *fields: str) -> Sent:
    content = object_in(body, most_bytes=MOST_BODY_BYTES, fields=("sessionId", "token", *fields))
    token = content.get("token")
    if not isinstance(token, str):
        raise Malformed("token", "missing; POST to session first, which answers with one")
    return Sent(_uuid(content, "sessionId"), token, content)


def read_event(content: Json, project: Project) -> SentEvent:
    name = content.get("eventName")
    if not isinstance(name, str) or not _EVENT_NAME.fullmatch(name):
        raise Malformed("eventName", "not 1 to 40 of a-z, 0-9 and _ that begin with a letter")
    data = kept_object("data", content.get("data"), MOST_DATA_BYTES)
    client_at = _client_time(content.get("at"))
    if name not in project.events:
        raise EventNotAllowed
    return SentEvent(_own_id(content), name, data, client_at)


def read_batch(content: Json) -> list[Json]:
    """The events with their ids, each of them to be judged by itself."""
    events = content.get("events")
    if not isinstance(events, list) or not 1 <= len(events) <= MOST_EVENTS:
        raise Malformed("events", f"not a list of 1 to {MOST_EVENTS}")
    for number, event in enumerate(events):
        if not isinstance(event, dict):
            raise Malformed(f"events[{number}]", "not a JSON object")
        if not is_uuid(event.get("id")):
            raise Malformed(f"events[{number}].id", "not a UUID; crypto.randomUUID() makes one")
    return events


def read_one_of_batch(content: Json, project: Project) -> SentEvent | Refusal:
    """A refusal is that event's answer, and keeps none of the others."""
    try:
        refuse_unknown(content, ("id", "eventName", "data", "at"))
        return read_event(content, project)
    except Refusal as refusal:
        return refusal


def read_score(content: Json) -> SentScore:
    score = content.get("score")
    if not isinstance(score, int) or isinstance(score, bool):
        raise Malformed("score", "not a whole number such as 12345")
    if abs(score) > LARGEST_INTEGER:
        raise Malformed("score", f"beyond ±{LARGEST_INTEGER}")
    metadata = kept_object("metadata", content.get("metadata"), MOST_DATA_BYTES)
    return SentScore(_own_id(content), score, metadata)


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
