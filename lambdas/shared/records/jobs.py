"""Erasures under way: what is to be erased, how far it has come, and what is gone already."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lambdas.shared.http.errors import Unknown
from lambdas.shared.values.clock import iso
from lambdas.shared.values.uuids import made_ms

Kind = Literal["creator", "project", "player"]


class UnknownJob(Unknown):
    code = "unknown_job"

    def __init__(self) -> None:
        super().__init__("jobId: there is no such job here")


class LeaseLostError(Exception):
    """Another worker goes on with this job."""


@dataclass(frozen=True, slots=True)
class Target:
    """A project that is gone, of which there may be data since that day."""

    project_id: str
    since: str


@dataclass(frozen=True, slots=True)
class Pending:
    """Counted as gone, and being deleted: the items of a partition up to this one."""

    table: str
    partition: str
    prefix: str
    owner: str
    through: str


@dataclass(frozen=True, slots=True, order=True)
class Reached:
    """How far a step has come that leaves things where they are: up to this key of a partition."""

    partition: str = ""
    key: str = ""

    def after(self, partition: str) -> str:
        """The key of this partition after which the step goes on."""
        return self.key if self.partition == partition else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: str
    """A UUIDv7: it tells when the job began."""
    kind: Kind
    creator_id: str
    targets: tuple[Target, ...] = ()
    player: str | None = None
    removed: Counter[str] = field(default_factory=Counter)
    round: int = 0
    done: int = 0
    """How many steps of this round."""
    reached: Reached = Reached()
    pending: Pending | None = None
    ended_at: str | None = None
    taken_ms: int | None = None
    """When the last of its projects went, where that was after its birth."""

    @property
    def began_ms(self) -> int:
        return made_ms(self.id)

    @property
    def closed_ms(self) -> int:
        """From then on nobody new believes in what is to be erased."""
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
