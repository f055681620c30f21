"""Telemetry's data: sessions with their events and scores, pointers to sessions, and counters."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lambdas.shared.counters.table import counters_of
from lambdas.shared.erasing import Erasable, Step, Sweep, Walk, step_of
from lambdas.shared.keys.tokens import SESSION_SECONDS
from lambdas.shared.records.jobs import Reached
from lambdas.shared.values.clock import days_between
from lambdas.shared.values.uuids import made_ms
from lambdas.telemetry.settings import ErasableSettings
from lambdas.telemetry.table import (
    SHARDS,
    kind_of,
    partition,
    partition_of,
    pointers,
    pointers_of,
)

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE: Final = "telemetry"
_ASKED_AGAIN_SECONDS: Final = 7 * 86_400
"""How long to keep a pointer to a session that may continue, so that it can be found again."""


class Sessions(Erasable):
    order = 1
    name = TABLE

    def of_project(self, project_id: str, since: str, last: str) -> Iterator[Step]:
        for day in days_between(since, last):
            for shard in range(SHARDS):
                yield step_of(Sweep(TABLE, partition(project_id, day, shard), kind_of))
        for shard in range(SHARDS):
            yield step_of(Sweep(TABLE, pointers(project_id, shard), lambda _: "pointers"))
        yield step_of(Sweep(TABLE, counters_of(project_id), lambda _: "days"))

    def of_player(self, project_id: str, player: str) -> Iterator[Step]:
        yield lambda walk: _of_player(walk, project_id, player)


def erasable(client: "DynamoDBClient") -> Sessions:
    settings = ErasableSettings.from_environment()
    return Sessions(client, settings.telemetry_table)


def _of_player(walk: Walk, project_id: str, player: str) -> Iterator[Sweep]:
    """Deletes a session's items before its pointer, so that an interruption leaves none behind."""
    pointing = pointers_of(project_id, player)
    for page in walk.pages(TABLE, pointing, f"{player}#"):
        for key in page.keys:
            session_id = key.rpartition("#")[2]
            home = partition_of(project_id, session_id)
            reaches = Reached(pointing, key)
            if not walk.last_round or _goes_on(session_id, walk.job.began_ms):
                expires_s = made_ms(session_id) // 1000 + _ASKED_AGAIN_SECONDS
                walk.partitions.shorten(TABLE, pointing, key, expires_s)
                yield Sweep(TABLE, home, kind_of, session_id, reaches=reaches)
            else:
                yield Sweep(TABLE, home, kind_of, session_id)
                yield Sweep(TABLE, pointing, lambda _: "pointers", key, reaches=reaches)


def _goes_on(session_id: str, at_ms: int) -> bool:
    """Whether the session may still write data."""
    return made_ms(session_id) + SESSION_SECONDS * 1000 > at_ms
