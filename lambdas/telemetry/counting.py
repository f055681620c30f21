"""The facts to be counted among the changes in the TelemetryTable's stream."""

from collections.abc import Iterable, Iterator

from lambdas.shared.counters import tally
from lambdas.shared.counters.tally import Began, Fact, Happened, Length, Scored
from lambdas.telemetry import stream
from lambdas.telemetry.stream import Record


def changes_in(records: Iterable[Record]) -> Iterator[tuple[str, tally.Change]]:
    """With the project each belongs to."""
    for change in stream.changes_in(records):
        fact = _fact(change)
        yield change.project_id, tally.Change(change.source, change.sequence, change.ms, fact)


def _fact(change: stream.Change) -> Fact:
    if change.name is not None:
        return Happened(change.name)
    if change.score is not None:
        return Scored(change.score)
    if change.kind == "end":
        return Length(max(0, change.ms - change.began_ms) // 1000)
    return Began(change.player or change.session_id)
