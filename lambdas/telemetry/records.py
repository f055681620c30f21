"""What telemetry is made of, apart from how it is stored."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    project_id: str
    id: str
    at: int
    """Milliseconds since 1970 by the server's clock, here and below."""
    address: str
    agent: str | None
    player: str | None
    keep_days: int
    pointer_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    project_id: str
    session_id: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
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
    project_id: str
    session_id: str
    id: str
    at: int
    score: int
    metadata: str
    player: str | None
    keep_days: int | None
