"""Reads rows of requests, the newest first, page by page."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.clock import day_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MOST_ROWS: Final = 200
_MOST_FILES: Final = 20
"""For one page. A page may be empty and have another one after it."""
_HOUR_MS: Final = 3_600_000
_CURSOR: Final = re.compile(r"(\d{13}-[0-9a-f]{16})\.(\d{1,7})")

Wanted = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Window:
    """The moments whose requests are asked for."""

    since_ms: int
    until_ms: int
    """The first moment that is not among them."""

    def has(self, ms: int) -> bool:
        return self.since_ms <= ms < self.until_ms


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[dict[str, Any]]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A file, and how many of its rows were read. The name of the file begins with its time."""

    name: str
    read: int = 0

    def __str__(self) -> str:
        return f"{self.name}.{self.read}"

    @classmethod
    def of(cls, text: str | None) -> "Place | None":
        if text is None:
            return None
        found = _CURSOR.fullmatch(text)
        if not found:
            raise Malformed("cursor", "not a cursor from an earlier answer")
        return cls(found[1], int(found[2]))


class RowFiles:
    def __init__(self, client: "S3Client", bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def page(self, window: Window, wanted: Wanted, *, after: Place | None, limit: int) -> Page:
        rows: list[dict[str, Any]] = []
        files = 0
        for name in self._names(window, after):
            if files == _MOST_FILES:
                return Page(rows, str(Place(name)))
            files += 1
            start = after.read if after is not None and after.name == name else 0
            for number, row in enumerate(self._rows(name)):
                if number < start or not window.has(row["ms"]) or not wanted(row):
                    continue
                if len(rows) == limit:
                    return Page(rows, str(Place(name, number)))
                rows.append(row)
        return Page(rows, None)

    def _names(self, window: Window, after: Place | None) -> Iterator[str]:
        """The newest first. S3 lists in order of names, so the hours are walked backwards."""
        newest = window.until_ms - 1
        if after is not None:
            newest = min(newest, int(after.name[:13]))
        hour = newest - newest % _HOUR_MS
        while hour > window.since_ms - _HOUR_MS:
            for name in reversed(self._of_hour(hour)):
                if after is None or name <= after.name:
                    yield name
            hour -= _HOUR_MS

    def _of_hour(self, hour: int) -> list[str]:
        names: list[str] = []
        folder = self._folder(hour)
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=folder, StartAfter=f"{folder}{hour:013d}"
        )
        for page in pages:
            for each in page.get("Contents", ()):
                name = each["Key"].removeprefix(folder).removesuffix(".json.gz")
                if int(name[:13]) >= hour + _HOUR_MS:
                    return names
                names.append(name)
        return names

    def _rows(self, name: str) -> list[dict[str, Any]]:
        key = f"{self._folder(int(name[:13]))}{name}.json.gz"
        answer = self._client.get_object(Bucket=self._bucket, Key=key)
        content = answer["Body"].read()
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        rows = [json.loads(line) for line in content.splitlines()]
        return sorted(rows, key=lambda row: (row["ms"], row["id"]), reverse=True)

    def _folder(self, ms: int) -> str:
        return f"{self._prefix}/day={day_of(ms)}/"
