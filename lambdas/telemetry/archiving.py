"""What the archive keeps of what the table's stream tells: lines of JSON by project and day.

Nothing in them leads to a player: neither address, browser nor player, and a session's id leads
nowhere once the session itself is gone.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lambdas.telemetry.table import day_of

_KINDS: Final = {"0": "session", "E": "event", "C": "score"}
_DATA: Final = {"E": "data", "C": "metadata"}
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Record = Mapping[str, Any]
Row = dict[str, Any]


@dataclass(slots=True)
class File:
    project_id: str
    day: str
    sequences: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The same records again overwrite what they were written to before."""
        span = f"{self.sequences[0]}-{self.sequences[-1]}"
        return f"{prefix_of(self.project_id)}day={self.day}/{span}.json.gz"

    @property
    def content(self) -> bytes:
        lines = "".join(f"{_encode(row)}\n" for row in self.rows)
        return gzip.compress(lines.encode(), mtime=0)


def prefix_of(project_id: str) -> str:
    return f"project={project_id}/"


def project_in(prefix: str) -> str:
    return prefix.removeprefix("project=").rstrip("/")


def files_of(records: Iterable[Record]) -> list[File]:
    """By the day on which each was received."""
    files: dict[tuple[str, str], File] = {}
    for record in records:
        for project_id, row in _rows(record):
            place = project_id, day_of(row["ms"])
            file = files.setdefault(place, File(*place))
            file.sequences.append(record["dynamodb"]["SequenceNumber"])
            file.rows.append(row)
    return list(files.values())


def _rows(record: Record) -> Iterator[tuple[str, Row]]:
    told = record["dynamodb"]
    partition = told["Keys"]["PK"]["S"]
    if not partition.startswith("P#") or record["eventName"] == "REMOVE":
        return
    session_id, kind, *rest = told["Keys"]["SK"]["S"].split("#")
    image = told["NewImage"]
    row = {
        "kind": _KINDS[kind],
        "id": rest[0] if rest else session_id,
        "session": session_id,
        "ms": int(image["at"]["N"]),
        "name": image["name"]["S"] if kind == "E" else None,
        "score": int(image["score"]["N"]) if kind == "C" else None,
        "data": image[_DATA[kind]]["S"] if kind in _DATA else None,
    }
    if record["eventName"] == "MODIFY":
        if kind != "0" or "ended" not in image:
            return
        row |= {"kind": "end", "ms": int(image["ended"]["N"])}
    yield partition[2:].partition("#D#")[0], row
