"""Judges each event of a batch by itself, and answers in the order sent."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.shared.http.errors import Busy, Refusal
from lambdas.telemetry.errors import EventTwice
from lambdas.telemetry.records import Event
from lambdas.telemetry.submission import Message, read_batch, read_one_of_batch


@dataclass(frozen=True, slots=True)
class Batch:
    """The events of one request."""

    places: list[tuple[str, Event | Refusal]]
    """In the order sent: the id as it was sent, and the event or why it is refused."""
    events: dict[str, Event] = field(default_factory=dict)
    """The events to be written, by id."""


def batch_of(message: Message) -> Batch:
    batch = Batch([])
    for each in read_batch(message.content):
        event = read_one_of_batch(replace(message, content=each))
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
