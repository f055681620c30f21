"""Backups of the distribution's config, and how one is made whole again.

The patch and the drift guard write a backup before each change, with the values of all custom
headers of origins masked, because such values are secrets.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from config import names
from lambdas.edge.patch_elements import LOCK_HEADER, tag
from operations.errors import OperatorError

MASKS: Final = frozenset({"(the origin lock)", "(hidden)"})
"""The values that a backup has in place of secrets."""
_OURS: Final = f"{names.PROJECT}-"


class NoBackup(OperatorError):
    code = "not_found"

    def __init__(self, name: str, distribution_id: str) -> None:
        super().__init__(
            f"BACKUP: there is no backup {name!r} of {distribution_id}; htmlgame edge backups "
            "lists them"
        )


class NotRestorable(OperatorError):
    code = "not_restorable"

    def __init__(self, lost: list[tuple[str, str]]) -> None:
        listed = ", ".join(f"{header} of origin {origin}" for origin, header in lost)
        super().__init__(
            f"neither the backup nor the live distribution contains the value of {listed}. "
            "Add an origin of that id with that header to the live distribution, then restore "
            "the backup again"
        )


@dataclass(frozen=True, slots=True)
class Backup:
    name: str
    """The key without the distribution's id and the suffix."""
    key: str
    written_at: str
    size: int


class Backups:
    def __init__(self, s3: Any, bucket: str, distribution_id: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = f"{distribution_id}/"
        self._distribution_id = distribution_id

    def listed(self) -> list[Backup]:
        """The newest first."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        found = [
            Backup(
                item["Key"].removeprefix(self._prefix).removesuffix(".xml"),
                item["Key"],
                item["LastModified"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                item["Size"],
            )
            for page in pages
            for item in page.get("Contents", ())
        ]
        return sorted(found, key=lambda each: each.name, reverse=True)

    def named(self, name: str) -> Backup:
        for each in self.listed():
            if name in {each.name, each.key}:
                return each
        raise NoBackup(name, self._distribution_id)

    def read(self, backup: Backup) -> bytes:
        content: bytes = self._s3.get_object(Bucket=self._bucket, Key=backup.key)["Body"].read()
        return content

    def write(self, name: str, xml: bytes) -> None:
        self._s3.put_object(
            Bucket=self._bucket,
            Key=f"{self._prefix}{name}.xml",
            Body=xml,
            ContentType="application/xml",
        )


def unmasked(backup: bytes, live: bytes, lock: str) -> bytes:
    """The backup with its secrets: the present lock on our origins, live values elsewhere.

    Raises NotRestorable if the live distribution lacks a header whose value is masked.
    """
    config = ET.fromstring(backup)
    known = {
        (origin, header.lower()): value
        for origin, header, value in _values(ET.fromstring(live))
        if value not in MASKS
    }
    lost: list[tuple[str, str]] = []
    for origin, element in _headers(config):
        header = element.findtext(tag("HeaderName")) or ""
        value = element.find(tag("HeaderValue"))
        if value is None or value.text not in MASKS:
            continue
        if origin.startswith(_OURS) and header.lower() == LOCK_HEADER.lower():
            value.text = lock
        elif (origin, header.lower()) in known:
            value.text = known[origin, header.lower()]
        else:
            lost.append((origin, header))
    if lost:
        raise NotRestorable(lost)
    text: bytes = ET.tostring(config, encoding="UTF-8", xml_declaration=True)
    # The next parser would read a bare carriage return as an end of line.
    return text.replace(b"\r", b"&#13;")


def _headers(config: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    for origin in config.iterfind(f"{tag('Origins')}/{tag('Items')}/*"):
        for header in origin.iter(tag("OriginCustomHeader")):
            yield origin.findtext(tag("Id")) or "", header


def _values(config: ET.Element) -> Iterator[tuple[str, str, str]]:
    for origin, header in _headers(config):
        yield (
            origin,
            header.findtext(tag("HeaderName")) or "",
            header.findtext(tag("HeaderValue")) or "",
        )
