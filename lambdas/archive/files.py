"""The archive's files: rows by project and day, and the rows that Firehose set aside."""

import base64
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Final, cast

from lambdas.shared.records.archive_rows import Row, line_of

_GZIP: Final = b"\x1f\x8b"


def lines_in(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file. Firehose does not say whether it compressed the file."""
    inflating, rest = None, b""
    for number, chunk in enumerate(chunks):
        if number == 0 and chunk.startswith(_GZIP):
            inflating = zlib.decompressobj(wbits=31)
        *lines, rest = (rest + (inflating.decompress(chunk) if inflating else chunk)).split(b"\n")
        yield from filter(None, lines)
    if inflating is not None and not inflating.eof:
        raise EOFError("the compressed file is cut off")
    if rest:
        yield rest


def row_set_aside(line: bytes) -> Row | None:
    """The row that Firehose could not deliver; None where the line holds no row."""
    try:
        told = json.loads(line)
        row = json.loads(base64.b64decode(told["rawData"])) if "rawData" in told else told
        _, _ = row["project"], row["day"]
    except (ValueError, KeyError, TypeError):
        return None
    return cast("Row", row)


class Files:
    """Rows grouped by folder. They are compressed as they come, so that many fit into memory."""

    def __init__(self) -> None:
        self.rows = 0
        self._buffers: dict[str, BytesIO] = {}
        self._files: dict[str, gzip.GzipFile] = {}

    def add(self, row: Row) -> None:
        place = f"{prefix_of(row['project'])}day={row['day']}/"
        if place not in self._files:
            self._buffers[place] = BytesIO()
            self._files[place] = gzip.GzipFile(fileobj=self._buffers[place], mode="wb", mtime=0)
        self._files[place].write(line_of(row) + b"\n")
        self.rows += 1

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Each folder's file. Closes the files: no row can be added after."""
        for place, file in self._files.items():
            file.close()
            yield place, self._buffers[place].getvalue()


def prefix_of(project_id: str) -> str:
    return f"project={project_id}/"


def project_in(prefix: str) -> str:
    return prefix.removeprefix("project=").rstrip("/")
