"""How the jobs of erasures are stored in the CreatorTable."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, replace
from typing import Final

from botocore.exceptions import ClientError

from lambdas.shared.dynamo.table import Item, MeteredTable
from lambdas.shared.records.jobs import (
    Job,
    LeaseLostError,
    Pending,
    Reached,
    Target,
    UnknownJob,
)
from lambdas.shared.values.clock import iso

_KEPT_SECONDS: Final = 90 * 24 * 3600
_OPEN: Final = {"S": "JOBS"}


class JobTable(MeteredTable):
    """The part of the CreatorTable that is about jobs."""

    def opening(self, job: Job) -> list[Item]:
        """To be written with what the job begins by taking away."""
        return [
            {"Put": {"TableName": self._name, "Item": _item(job)}},
            {
                "Put": {
                    "TableName": self._name,
                    "Item": {"PK": _OPEN, "SK": {"S": job.id}},
                }
            },
        ]

    def open(self, job: Job, *others: Item) -> None:
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
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": _OPEN},
        )
        return (item["SK"]["S"] for page in pages for item in page["Items"])

    def claim(self, job_id: str, worker: str, *, now_s: int, until_s: int) -> Job:
        """One worker at a time, unless it has not been heard of for too long."""
        answer = self._step(
            job_id,
            "SET worker = :worker, leased = :until",
            "attribute_exists(PK) AND attribute_not_exists(endedAt)"
            " AND (attribute_not_exists(leased) OR leased < :now)",
            {":worker": {"S": worker}, ":until": _n(until_s), ":now": _n(now_s)},
        )
        return _job(answer["Attributes"])

    def save(self, job: Job, worker: str) -> None:
        self._step(
            job.id, _PROGRESS, "worker = :worker", {":worker": {"S": worker}, **_progress(job)}
        )

    def release(self, job: Job, worker: str) -> None:
        """Whoever claims it next need not wait."""
        self._step(
            job.id,
            f"{_PROGRESS} REMOVE leased",
            "worker = :worker",
            {":worker": {"S": worker}, **_progress(job)},
        )

    def saving(self, job: Job, worker: str) -> Item:
        """To be written with what it counts."""
        return {
            "Update": {
                "TableName": self._name,
                "Key": _key(job.id),
                "UpdateExpression": _PROGRESS,
                "ConditionExpression": "worker = :worker",
                "ExpressionAttributeValues": {":worker": {"S": worker}, **_progress(job)},
            }
        }

    def end(self, job: Job, now_ms: int, *others: Item) -> Job:
        ended = replace(job, ended_at=iso(now_ms))
        expires = _n(now_ms // 1000 + _KEPT_SECONDS)
        values = {":at": {"S": ended.ended_at}, ":expires": expires}
        self._together(
            {
                "Update": {
                    "TableName": self._name,
                    "Key": _key(job.id),
                    "UpdateExpression": (
                        f"{_PROGRESS}, endedAt = :at, expires = :expires REMOVE leased, player"
                    ),
                    "ExpressionAttributeValues": {**values, **_progress(job)},
                }
            },
            {
                "Delete": {
                    "TableName": self._name,
                    "Key": {"PK": _OPEN, "SK": {"S": job.id}},
                }
            },
            *others,
        )
        return ended

    def _step(self, job_id: str, update: str, condition: str, values: Item) -> Item:
        try:
            answer: Item = self._client.update_item(
                TableName=self._name,
                Key=_key(job_id),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            raise LeaseLostError(job_id) from None
        return answer


_PROGRESS: Final = (
    "SET targets = :targets, removed = :removed, turn = :turn, stepsDone = :done,"
    " reached = :reached, takenAt = :taken, pending = :pending"
)


def _n(number: int) -> Item:
    return {"N": str(number)}


def _key(job_id: str) -> Item:
    return {"PK": {"S": f"JOB#{job_id}"}, "SK": {"S": "JOB"}}


def _progress(job: Job) -> Item:
    pending = job.pending
    return {
        ":targets": {
            "L": [{"L": [{"S": each.project_id}, {"S": each.since}]} for each in job.targets]
        },
        ":removed": {"M": {name: _n(count) for name, count in job.removed.items()}},
        ":turn": _n(job.round),
        ":done": _n(job.done),
        ":taken": {"NULL": True} if job.taken_ms is None else _n(job.taken_ms),
        ":reached": {"L": [{"S": each} for each in astuple(job.reached)]},
        ":pending": {"L": [] if pending is None else [{"S": each} for each in astuple(pending)]},
    }


def _item(job: Job) -> Item:
    progress = _progress(job)
    return {
        **_key(job.id),
        "kind": {"S": job.kind},
        "creatorId": {"S": job.creator_id},
        **({"player": {"S": job.player}} if job.player is not None else {}),
        "targets": progress[":targets"],
        "removed": progress[":removed"],
        "turn": progress[":turn"],
        "stepsDone": progress[":done"],
        "takenAt": progress[":taken"],
        "reached": progress[":reached"],
        "pending": progress[":pending"],
    }


def _job(item: Item) -> Job:
    pending = [each["S"] for each in item["pending"]["L"]]
    return Job(
        id=item["PK"]["S"].removeprefix("JOB#"),
        kind=item["kind"]["S"],
        creator_id=item["creatorId"]["S"],
        targets=tuple(
            Target(each["L"][0]["S"], each["L"][1]["S"]) for each in item["targets"]["L"]
        ),
        player=item["player"]["S"] if "player" in item else None,
        removed=Counter({name: int(n["N"]) for name, n in item["removed"]["M"].items()}),
        round=int(item["turn"]["N"]),
        done=int(item["stepsDone"]["N"]),
        reached=Reached(*(each["S"] for each in item.get("reached", {"L": []})["L"])),
        taken_ms=int(item["takenAt"]["N"]) if "N" in item.get("takenAt", {}) else None,
        pending=Pending(*pending) if pending else None,
        ended_at=item["endedAt"]["S"] if "endedAt" in item else None,
    )
