"""The changes that the TelemetryTable's stream holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["session", "end", "event", "score"]
_KINDS: Final[dict[str, Kind]] = {"0": "session", "E": "event", "C": "score"}

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A session that began or was ended, an event, or a score."""

    kind: Kind
    project_id: str
    session_id: str
    id: str
    """Its own, or the session's."""
    source: str
    """The day and shard of its partition, within which the stream keeps the order."""
    sequence: int
    ms: int
    """When it was received; of an end, when the session was ended."""
    began_ms: int
    """Of a session's end, when the session began; else the same."""
    player: str | None
    name: str | None
    score: int | None
    data: str | None


def changes_in(records: Iterable[Record]) -> Iterator[Change]:
    """An item that is written once more is no second change, and an expired one is none."""
    for record in records:
        change = record["dynamodb"]
        partition = change["Keys"]["PK"]["S"]
        if not partition.startswith("P#") or record["eventName"] == "REMOVE":
            continue
        session_id, sort, *rest = change["Keys"]["SK"]["S"].split("#")
        image = change["NewImage"]
        if record["eventName"] == "INSERT":
            kind = _KINDS[sort]
        elif sort == "0" and "ended" in image:
            kind = "end"
        else:
            continue
        project_id, _, source = partition[2:].partition("#D#")
        yield Change(
            kind=kind,
            project_id=project_id,
            session_id=session_id,
            id=rest[0] if rest else session_id,
            source=source,
            sequence=int(change["SequenceNumber"]),
            ms=int(image["ended" if kind == "end" else "at"]["N"]),
            began_ms=int(image["at"]["N"]),
            player=image["player"]["S"] if "player" in image else None,
            name=image["name"]["S"] if kind == "event" else None,
            score=int(image["score"]["N"]) if kind == "score" else None,
            data=_data(kind, image),
        )


def _data(kind: Kind, image: Mapping[str, Any]) -> str | None:
    attribute = {"event": "data", "score": "metadata"}.get(kind)
    return None if attribute is None else str(image[attribute]["S"])
