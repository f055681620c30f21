"""Reads the changes of the TelemetryTable from its stream."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from lambdas.shared.dynamo.items import Item, unpacked
from lambdas.telemetry.records import Change, Kind
from lambdas.telemetry.table import home_of, place_of

StreamRecord = Mapping[str, Any]
_KINDS: Final[dict[str, Kind]] = {"0": "session", "E": "event", "C": "score"}


def changes_in(records: Iterable[StreamRecord]) -> Iterator[Change]:
    """Skips items that were written again unchanged, and items that expired."""
    for record in records:
        change = record["dynamodb"]
        partition, sort_key = place_of(unpacked(change["Keys"]))
        home = home_of(partition)
        if home is None or record["eventName"] == "REMOVE":
            continue
        image = unpacked(change["NewImage"])
        session_id, mark, *own_id = sort_key.split("#")
        kind = _kind_of(record["eventName"], mark, image)
        if kind is None:
            continue
        project_id, source = home
        yield Change(
            kind=kind,
            project_id=project_id,
            session_id=session_id,
            id=own_id[0] if own_id else session_id,
            source=source,
            sequence=int(change["SequenceNumber"]),
            ms=image["ended" if kind == "end" else "at"],
            began_ms=image["at"],
            player=image.get("player"),
            name=image.get("name"),
            score=image.get("score"),
            data=image.get("data", image.get("metadata")),
        )


def _kind_of(event_name: str, mark: str, image: Item) -> Kind | None:
    """None where the change is nothing new."""
    if event_name == "INSERT":
        return _KINDS[mark]
    return "end" if mark == "0" and "ended" in image else None
