"""Sessions, events, scores and changes, apart from how they are sent and stored."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["session", "end", "event", "score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that begins."""

    project_id: str
    id: str
    at: int
    """Milliseconds since 1970 by the server's clock, here and below."""
    address: str
    agent: str | None
    player: str | None
    keep_days: int
    pointer_days: int | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a session."""

    project_id: str
    session_id: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of a session."""

    project_id: str
    session_id: str
    id: str
    at: int
    name: str
    data: str
    """JSON text."""
    client_at: int | None
    keep_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score of a session."""

    project_id: str
    session_id: str
    id: str
    at: int
    score: int
    metadata: str
    player: str | None
    keep_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A session that began or ended, an event, or a score."""

    kind: Kind
    project_id: str
    session_id: str
    id: str
    """The event's or the score's; the session's where it began or ended."""
    source: str
    """The day and shard of its partition. The stream keeps the order within one."""
    sequence: int
    ms: int
    """When it was received. For an end, when the session ended."""
    began_ms: int
    """For an end, when the session began; else the same as `ms`."""
    player: str | None
    name: str | None
    score: int | None
    data: str | None
