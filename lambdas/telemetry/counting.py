"""The facts that changes of the TelemetryTable add to its counters."""

from collections.abc import Iterable, Iterator

from lambdas.shared.counters import tally
from lambdas.shared.counters.tally import Began, Fact, Happened, Length, Scored
from lambdas.telemetry.records import Change


def facts_of(changes: Iterable[Change]) -> Iterator[tuple[str, tally.Change]]:
    """Each with the id of its project."""
    for change in changes:
        fact = _fact(change)
        yield change.project_id, tally.Change(change.source, change.sequence, change.ms, fact)


def _fact(change: Change) -> Fact:
    if change.name is not None:
        return Happened(change.name)
    if change.score is not None:
        return Scored(change.score)
    if change.kind == "end":
        return Length(max(0, change.ms - change.began_ms) // 1000)
    return Began(change.player or change.session_id)
