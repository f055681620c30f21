"""The rows that the archive keeps of the changes in the table's stream.

No row leads to a player: it holds neither address, browser nor player. A session's id leads to
one for as long as the tables hold the session.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from lambdas.shared.records.archive_rows import Row
from lambdas.shared.values.clock import day_of

_KINDS: Final = {"0": "session", "E": "event", "C": "score"}
_DATA: Final = {"E": "data", "C": "metadata"}

Record = Mapping[str, Any]


def rows_of(records: Iterable[Record]) -> Iterator[Row]:
    """Each under the day on which it was received."""
    for record in records:
        told = record["dynamodb"]
        partition = told["Keys"]["PK"]["S"]
        if not partition.startswith("P#") or record["eventName"] == "REMOVE":
            continue
        session_id, kind, *rest = told["Keys"]["SK"]["S"].split("#")
        image = told["NewImage"]
        if record["eventName"] == "INSERT":
            name, ms = _KINDS[kind], int(image["at"]["N"])
        elif kind == "0" and "ended" in image:
            name, ms = "end", int(image["ended"]["N"])
        else:
            continue
        yield {
            "project": partition[2:].partition("#D#")[0],
            "day": day_of(ms),
            "kind": name,
            "id": rest[0] if rest else session_id,
            "session": session_id,
            "ms": ms,
            "name": image["name"]["S"] if kind == "E" else None,
            "score": int(image["score"]["N"]) if kind == "C" else None,
            "data": image[_DATA[kind]]["S"] if kind in _DATA else None,
        }
