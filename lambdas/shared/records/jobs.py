"""Erasure jobs: what to erase, how far the work is, and what was deleted."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from lambdas.shared.http.errors import Unknown
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import made_ms

Kind = Literal["creator", "project", "player"]


class UnknownJob(Unknown):
    code = "unknown_job"

    def __init__(self) -> None:
        super().__init__("jobId: you have no job with this id")


class LeaseLostError(Exception):
    """Another worker has leased this job."""


@dataclass(frozen=True, slots=True)
class Target:
    """A deleted project, and the first day of which there may be data."""

    project_id: str
    since: str


class Pseudonym(NamedTuple):
    """How a project's telemetry and collections know a player: by the hash of a key that only the
    player has.
    """

    project_id: str
    player: str


@dataclass(frozen=True, slots=True)
class Pending:
    """The items of a partition that are counted and are being deleted, up to one key."""

    table: str
    partition: str
    prefix: str
    owner: str
    through: str


@dataclass(frozen=True, slots=True, order=True)
class Reached:
    """How far a step is that leaves other items in place: up to one key of a partition."""

    partition: str = ""
    key: str = ""

    def after(self, partition: str) -> str:
        """The key of this partition after which the step continues."""
        return self.key if self.partition == partition else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An erasure and its progress."""

    id: str
    """A UUIDv7, which holds the moment the job began."""
    kind: Kind
    creator_id: str
    targets: tuple[Target, ...] = ()
    player: str | None = None
    pseudonyms: tuple[Pseudonym, ...] = ()
    """Of a signed-in person, who has proven them by their keys."""
    removed: Counter[str] = field(default_factory=Counter)
    round: int = 0
    done: int = 0
    """How many steps of this round are done."""
    reached: Reached = Reached()
    pending: Pending | None = None
    ended_at: str | None = None
    taken_ms: int | None = None
    """When its last project was closed, where that was after the job began."""

    @property
    def began_ms(self) -> int:
        return made_ms(self.id)

    @property
    def closed_ms(self) -> int:
        """From this moment on, nobody newly caches what is to be erased."""
        return self.began_ms if self.taken_ms is None else self.taken_ms

    def having(self, removed: Counter[str], pending: Pending | None) -> "Job":
        return replace(self, removed=self.removed + removed, pending=pending)


def job_json(job: Job) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": job.id,
        "kind": job.kind,
        "status": "running" if job.ended_at is None else "done",
        "removed": dict(sorted(job.removed.items())),
        "createdAt": iso(job.began_ms),
        "doneAt": job.ended_at,
    }
    if job.kind != "creator":
        told["projectId"] = job.targets[0].project_id
    return told
