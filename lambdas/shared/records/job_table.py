"""How the jobs of erasures are stored in the CreatorTable."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, replace
from typing import Final

from lambdas.shared.dynamo.items import Item
from lambdas.shared.dynamo.table import ConditionFailed, MeteredTable
from lambdas.shared.dynamo.transactions import Write
from lambdas.shared.records.jobs import (
    Job,
    LeaseLostError,
    Pending,
    Pseudonym,
    Reached,
    Target,
    UnknownJob,
)
from lambdas.shared.values.clock import iso

_KEPT_SECONDS: Final = 90 * 24 * 3600
_OPEN: Final = "JOBS"
_PROGRESS: Final = (
    "SET targets = :targets, removed = :removed, turn = :turn, stepsDone = :stepsDone,"
    " reached = :reached, takenAt = :takenAt, pending = :pending"
)


class JobTable(MeteredTable):
    """The part of the CreatorTable that holds jobs, and lists those that have not ended."""

    def opening(self, job: Job) -> list[Write]:
        """Stores the job, in the transaction that takes away what it erases."""
        return [
            {"Put": {"TableName": self._name, "Item": job_item(job)}},
            {"Put": {"TableName": self._name, "Item": _open_key(job.id)}},
        ]

    def open(self, job: Job, *others: Write) -> None:
        self._together(*self.opening(job), *others)

    def read(self, job_id: str) -> Job:
        item = self._get(_key(job_id), consistent=True)
        if item is None:
            raise UnknownJob
        return _job(item)

    def of(self, creator_id: str, job_id: str) -> Job:
        job = self.read(job_id)
        if job.creator_id != creator_id:
            raise UnknownJob
        return job

    def unfinished(self) -> Iterator[str]:
        query = {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": _OPEN},
        }
        return (item["SK"] for page in self._pages(query) for item in page.items)

    def claim(self, job_id: str, worker: str, *, now_s: int, until_s: int) -> Job:
        """Leases the job to one worker. A lease that ran out may be taken over."""
        item = self._step(
            job_id,
            "SET worker = :worker, leased = :until",
            "attribute_exists(PK) AND attribute_not_exists(endedAt)"
            " AND (attribute_not_exists(leased) OR leased < :now)",
            {":worker": worker, ":until": until_s, ":now": now_s},
        )
        return _job(item)

    def save(self, job: Job, worker: str) -> None:
        self._step(
            job.id, _PROGRESS, "worker = :worker", {":worker": worker, **_progress_values(job)}
        )

    def release(self, job: Job, worker: str) -> None:
        """Saves the job and ends the lease, so that the next worker need not wait."""
        self._step(
            job.id,
            f"{_PROGRESS} REMOVE leased",
            "worker = :worker",
            {":worker": worker, **_progress_values(job)},
        )

    def saving(self, job: Job, worker: str) -> Write:
        """Saves the job, in the transaction with what it counts."""
        return {
            "Update": {
                "TableName": self._name,
                "Key": _key(job.id),
                "UpdateExpression": _PROGRESS,
                "ConditionExpression": "worker = :worker",
                "ExpressionAttributeValues": {":worker": worker, **_progress_values(job)},
            }
        }

    def end(self, job: Job, now_ms: int, *others: Write) -> Job:
        ended = replace(job, ended_at=iso(now_ms))
        values = {":at": ended.ended_at, ":expires": now_ms // 1000 + _KEPT_SECONDS}
        self._together(
            {
                "Update": {
                    "TableName": self._name,
                    "Key": _key(job.id),
                    "UpdateExpression": (
                        f"{_PROGRESS}, endedAt = :at, expires = :expires REMOVE leased, player,"
                        " pseudonyms"
                    ),
                    "ExpressionAttributeValues": {**values, **_progress_values(job)},
                }
            },
            {"Delete": {"TableName": self._name, "Key": _open_key(job.id)}},
            *others,
        )
        return ended

    def _step(self, job_id: str, update: str, condition: str, values: Item) -> Item:
        try:
            return self._update(
                _key(job_id),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        except ConditionFailed:
            raise LeaseLostError(job_id) from None


def _key(job_id: str) -> Item:
    return {"PK": f"JOB#{job_id}", "SK": "JOB"}


def _open_key(job_id: str) -> Item:
    return {"PK": _OPEN, "SK": job_id}


def _progress(job: Job) -> Item:
    return {
        "targets": [[target.project_id, target.since] for target in job.targets],
        "removed": job.removed,
        "turn": job.round,
        "stepsDone": job.done,
        "reached": astuple(job.reached),
        "takenAt": job.taken_ms,
        "pending": [] if job.pending is None else astuple(job.pending),
    }


def _progress_values(job: Job) -> Item:
    return {f":{name}": value for name, value in _progress(job).items()}


def job_item(job: Job) -> Item:
    return {
        **_key(job.id),
        "kind": job.kind,
        "creatorId": job.creator_id,
        **({} if job.player is None else {"player": job.player}),
        **({"pseudonyms": [list(each) for each in job.pseudonyms]} if job.pseudonyms else {}),
        **_progress(job),
    }


def _job(item: Item) -> Job:
    return Job(
        id=item["PK"].removeprefix("JOB#"),
        kind=item["kind"],
        creator_id=item["creatorId"],
        targets=tuple(Target(*target) for target in item["targets"]),
        player=item.get("player"),
        pseudonyms=tuple(Pseudonym(*each) for each in item.get("pseudonyms", ())),
        removed=Counter(item["removed"]),
        round=item["turn"],
        done=item["stepsDone"],
        # Jobs of earlier versions may lack the next two.
        reached=Reached(*item.get("reached", ())),
        taken_ms=item.get("takenAt"),
        pending=Pending(*item["pending"]) if item["pending"] else None,
        ended_at=item.get("endedAt"),
    )
