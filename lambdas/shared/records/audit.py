"""Records of who changed what and when. They name secrets and never hold their values."""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from lambdas.shared.http.errors import Malformed
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import made_ms

Action = Literal[
    "project.create",
    "project.change",
    "project.delete",
    "key.put",
    "key.delete",
    "player.forget",
    "data.remove",
    "data.clear",
    "creator.erase",
]

AUDIT: Final = "AUDIT#"
"""Begins the partitions of operators' audit, one a month."""

_MONTH: Final = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])")


def audit_partition(creator_id: str, month: str) -> str:
    """Of a creator's records of a month."""
    return f"AU#{creator_id}#{month}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One change by a creator."""

    id: str
    """A UUIDv7, which holds the moment."""
    creator_id: str
    action: str
    project_id: str | None = None
    key: str | None = None

    @property
    def at(self) -> str:
        return iso(made_ms(self.id))

    @property
    def month(self) -> str:
        return self.at[:7]

    @property
    def tells_more(self) -> bool:
        """Whether it names a project or a secret."""
        return self.project_id is not None or self.key is not None


def record_json(record: Record) -> dict[str, Any]:
    told = {
        "id": record.id,
        "at": record.at,
        "creatorId": record.creator_id,
        "action": record.action,
        "projectId": record.project_id,
        "key": record.key,
    }
    return {name: value for name, value in told.items() if value is not None}


def month_named(text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise Malformed("month", "not a month such as 2026-11")
    return text


def months_between(first: str, last: str) -> list[str]:
    months = []
    year, month = int(first[:4]), int(first[5:7])
    while (named := f"{year}-{month:02d}") <= last[:7]:
        months.append(named)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return months
