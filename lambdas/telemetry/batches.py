"""Events that come together: each is judged by itself and answered in its place."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.http.errors import Busy, Refusal
from lambdas.shared.records.projects import Project
from lambdas.telemetry.errors import EventTwice
from lambdas.telemetry.records import Event
from lambdas.telemetry.submission import Json, read_batch, read_one_of_batch


@dataclass(frozen=True, slots=True)
class Batch:
    places: list[tuple[str, Event | Refusal]]
    """In the order sent: the id as it was sent, and what became of it."""
    events: dict[str, Event] = field(default_factory=dict)
    """Those to be written, by id."""


def batch_of(content: Json, project: Project, session_id: str, now_ms: int) -> Batch:
    batch = Batch([])
    for each in read_batch(content):
        told = read_one_of_batch(each, project)
        event = (
            told
            if isinstance(told, Refusal)
            else Event(
                project_id=project.id,
                session_id=session_id,
                id=each["id"].lower(),
                at=now_ms,
                name=told.name,
                data=told.data,
                client_at=told.client_at,
                keep_days=project.retention.event_days,
            )
        )
        if isinstance(event, Event) and batch.events.setdefault(event.id, event) != event:
            event = EventTwice()
        batch.places.append((each["id"], event))
    return batch


def results_of(batch: Batch, left: Collection[str]) -> dict[str, Any]:
    results = [_result(id_, event, left) for id_, event in batch.places]
    return {"ok": all(result["ok"] for result in results), "results": results}


def _result(sent_id: str, event: Event | Refusal, left: Collection[str]) -> dict[str, Any]:
    refusal = event if isinstance(event, Refusal) else Busy() if event.id in left else None
    if refusal is None:
        return {"id": sent_id, "ok": True}
    return {
        "id": sent_id,
        "ok": False,
        "error": {"code": refusal.code, "message": str(refusal)},
        "retry": refusal.retry_after is not None,
    }
