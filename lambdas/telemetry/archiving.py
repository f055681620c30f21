"""The archive's rows for changes of the TelemetryTable.

A row holds no address, browser or player. A session's id leads to a player for as long as the
tables hold the session.
"""

from collections.abc import Iterable, Iterator

from lambdas.shared.records.archive_rows import Row
from lambdas.shared.values.clock import day_of
from lambdas.telemetry.records import Change


def rows_of(changes: Iterable[Change]) -> Iterator[Row]:
    """Each row belongs to the day on which the change was received."""
    for change in changes:
        yield {
            "project": change.project_id,
            "day": day_of(change.ms),
            "kind": change.kind,
            "id": change.id,
            "session": change.session_id,
            "ms": change.ms,
            "name": change.name,
            "score": change.score,
            "data": change.data,
        }
