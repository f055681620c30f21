"""The audit: a record of every command that changes something, kept without end."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from lambdas.shared.records.audit import AUDIT, months_between
from lambdas.shared.values.clock import iso
from operations.cli.output import Json

_STARTED: Final = "started"
_DONE: Final = "done"
_FAILED: Final = "failed"


@dataclass(slots=True)
class Record:
    at: str
    who: str
    command: str
    arguments: Json
    outcome: str = _STARTED
    """A command that was cut off leaves its record in this state."""
    counts: Json = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def month(self) -> str:
        return self.at[:7]

    def document(self) -> Json:
        return {
            "at": self.at,
            "who": self.who,
            "command": self.command,
            "arguments": self.arguments,
            "outcome": self.outcome,
            "counts": self.counts,
        }


class Audit:
    """Stored in the score table, one partition a month, without a time to live."""

    def __init__(self, client: Any, table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    @contextmanager
    def recorded(self, record: Record) -> Iterator[Record]:
        """Writes the record before the change, and its outcome after it."""
        self._write(record)
        try:
            yield record
        except BaseException as failure:
            record.outcome = f"{_FAILED}: {type(failure).__name__}"
            self._write(record)
            raise
        record.outcome = _DONE
        self._write(record)

    def listed(self, month: str, limit: int) -> Iterator[Record]:
        """The newest first."""
        answer = self._client.query(
            TableName=self._table_name,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": _partition(month)},
            ScanIndexForward=False,
            Limit=limit,
            ConsistentRead=True,
        )
        yield from map(_record_in, answer["Items"])

    def since(self, first: str, last: str) -> Iterator[Record]:
        """All records from the month of `first` to the month of `last`."""
        for month in months_between(first, last):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table_name,
                KeyConditionExpression="PK = :pk",
                ExpressionAttributeValues={":pk": _partition(month)},
                ConsistentRead=True,
            )
            yield from (_record_in(item) for page in pages for item in page["Items"])

    def _write(self, record: Record) -> None:
        """Adds the record, or its outcome where it has none yet. A finished record stays."""
        arguments = {"S": json.dumps(record.arguments, ensure_ascii=False)}
        self._client.put_item(
            TableName=self._table_name,
            # A write whose answer was lost is sent again, and finds its own outcome.
            ConditionExpression=(
                "attribute_not_exists(SK) OR "
                "(who = :who AND arguments = :arguments AND outcome IN (:started, :outcome))"
            ),
            ExpressionAttributeValues={
                ":who": {"S": record.who},
                ":arguments": arguments,
                ":started": {"S": _STARTED},
                ":outcome": {"S": record.outcome},
            },
            Item={
                "PK": _partition(record.month),
                "SK": {"S": f"{record.at}#{record.id}"},
                "who": {"S": record.who},
                "command": {"S": record.command},
                "arguments": arguments,
                "outcome": {"S": record.outcome},
                "counts": {"S": json.dumps(record.counts)},
            },
        )


def new_record(now_ms: int, who: str, command: str, arguments: Json) -> Record:
    return Record(at=iso(now_ms), who=who, command=command, arguments=arguments)


def _partition(month: str) -> Json:
    return {"S": f"{AUDIT}{month}"}


def _record_in(item: Json) -> Record:
    at, _, id_ = item["SK"]["S"].partition("#")
    return Record(
        at=at,
        who=item["who"]["S"],
        command=item["command"]["S"],
        arguments=json.loads(item["arguments"]["S"]),
        outcome=item["outcome"]["S"],
        counts=json.loads(item["counts"]["S"]),
        id=id_,
    )
