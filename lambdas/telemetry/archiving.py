"""What the archive keeps of what the table's stream tells: lines of JSON by project and day.

Nothing in them leads to a player: neither address, browser nor player, and a session's id leads
nowhere once the session itself is gone.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from lambdas.telemetry.table import day_of

_KINDS: Final = {"0": "session", "E": "event", "C": "score"}
_DATA: Final = {"E": "data", "C": "metadata"}
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Record = Mapping[str, Any]
Row = Mapping[str, Any]
"""Its project and its day say where it belongs; the rest is what there is to read."""


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


def line_of(row: Row) -> bytes:
    return _encode(row).encode()


class NotOurs(Exception):
    pass


def set_aside(content: bytes) -> list[Row]:
    """The rows in a file of what Firehose could not deliver, whatever stood in its way."""
    lines = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    return [_row_in(line) for line in lines.splitlines()]


def _row_in(line: bytes) -> Row:
    try:
        row = json.loads(base64.b64decode(json.loads(line)["rawData"]))
        _, _ = row["project"], row["day"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotOurs(line[:200].decode(errors="replace")) from error
    return cast("Row", row)


def by_place(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """By the folder in which each belongs."""
    places: dict[str, list[Row]] = {}
    for row in rows:
        places.setdefault(f"{prefix_of(row['project'])}day={row['day']}/", []).append(row)
    return places


def content_of(rows: Iterable[Row]) -> bytes:
    return gzip.compress(b"".join(line_of(row) + b"\n" for row in rows), mtime=0)


def prefix_of(project_id: str) -> str:
    return f"project={project_id}/"


def project_in(prefix: str) -> str:
    return prefix.removeprefix("project=").rstrip("/")
