"""The rows that the archive keeps of the changes in the table's stream.

No row leads to a player: it holds neither address, browser nor player. A session's id leads to
one for as long as the tables hold the session.
"""

from collections.abc import Iterable, Iterator

from lambdas.shared.records.archive_rows import Row
from lambdas.shared.values.clock import day_of
from lambdas.telemetry.stream import Record, changes_in


def rows_of(records: Iterable[Record]) -> Iterator[Row]:
    """Each under the day on which it was received."""
    for change in changes_in(records):
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
