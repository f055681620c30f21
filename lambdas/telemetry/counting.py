"""The changes that the TelemetryTable's stream holds, as facts to be counted."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from lambdas.shared.counters.tally import Began, Change, Fact, Happened, Length, Scored

Record: TypeAlias = Mapping[str, Any]


def changes_in(records: Iterable[Record]) -> Iterator[tuple[str, Change]]:
    """With the project each belongs to. An item written once more is no second one."""
    for record in records:
        told = record["dynamodb"]
        partition = told["Keys"]["PK"]["S"]
        if not partition.startswith("P#") or record["eventName"] == "REMOVE":
            continue
        project_id, _, source = partition[2:].partition("#D#")
        session_id, *rest = told["Keys"]["SK"]["S"].split("#")
        found = _fact(record["eventName"], session_id, rest[0], told["NewImage"])
        if found is not None:
            at, fact = found
            yield project_id, Change(source, int(told["SequenceNumber"]), at, fact)


def _fact(name: str, session_id: str, kind: str, image: Record) -> tuple[int, Fact] | None:
    at = int(image["at"]["N"])
    if name == "MODIFY":
        if kind != "0" or "ended" not in image:
            return None
        ended = int(image["ended"]["N"])
        return ended, Length(max(0, ended - at) // 1000)
    if kind == "0":
        return at, Began(image["player"]["S"] if "player" in image else session_id)
    if kind == "E":
        return at, Happened(image["name"]["S"])
    return at, Scored(int(image["score"]["N"]))
