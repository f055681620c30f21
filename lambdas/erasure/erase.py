"""Works on an erasure job. Where time runs short, the next invocation continues.

An event with a creator's id starts the job that erases the creator, for an operator. An event
with neither continues all unfinished jobs.
"""

import json
import time
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.erasure.eraser import Eraser
from lambdas.erasure.settings import EraseSettings
from lambdas.shared.aws import PATIENT
from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.erasing import found
from lambdas.shared.http.errors import Malformed
from lambdas.shared.records.audit import Record
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, LeaseLostError
from lambdas.shared.records.table import Creators
from lambdas.shared.values.uuids import is_uuid, uuid7

_RESERVE_MS: Final = 30_000
"""A page takes about a second."""
_GRACE_SECONDS: Final = 60

settings = EraseSettings.from_environment()
logger = Logger(service="telemetry-erase")
client = boto3.client("dynamodb", config=PATIENT)
creators = Creators(client, settings.creator_table)
jobs = JobTable(client, settings.creator_table)
erasables = found(client)
partitions = Partitions(client, {each.name: each.table for each in erasables if each.name})


def handler(event: dict[str, Any], context: Any) -> dict[str, str] | None:
    if "jobId" in event:
        _work_on(event["jobId"], context)
        return None
    if "creatorId" in event:
        job_id = _begin(event["creatorId"])
        _hand_on(job_id)
        return {"jobId": job_id}
    for job_id in jobs.unfinished():
        _hand_on(job_id)
    return None


def _begin(creator_id: Any) -> str:
    if not is_uuid(creator_id):
        raise Malformed("creatorId", "not a UUID")
    job = Job(id=uuid7(_now_ms()), kind="creator", creator_id=creator_id.lower())
    record = Record(id=job.id, creator_id=job.creator_id, action="creator.erase")
    return creators.begin_erasing(job.creator_id, job.id, creators.note(record), *jobs.opening(job))


def _work_on(job_id: str, context: Any) -> None:
    left_ms = context.get_remaining_time_in_millis
    eraser = Eraser(
        erasables,
        partitions,
        creators,
        jobs,
        worker=context.aws_request_id,
        clock_ms=_now_ms,
        time_left=lambda: bool(left_ms() > _RESERVE_MS),
    )
    try:
        job = eraser.work_on(
            job_id,
            lease_s=left_ms() // 1000 + _GRACE_SECONDS,
            settled=lambda job: _settled(job, left_ms() - _RESERVE_MS),
        )
    except LeaseLostError:
        logger.info("done, or leased to another worker", job=job_id)
        return
    done = job.ended_at is not None
    if not done:
        _hand_on(job_id)
    logger.info("erased", job=job.id, kind=job.kind, done=done, removed=dict(job.removed))


def _settled(job: Job, left_ms: int) -> bool:
    """Waits until every cache has dropped the deleted projects, if there is time for it."""
    missing_ms = job.closed_ms + settings.settle_seconds * 1000 - _now_ms()
    if missing_ms > left_ms:
        return False
    time.sleep(max(missing_ms, 0) / 1000)
    return True


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _hand_on(job_id: str) -> None:
    boto3.client("lambda", config=PATIENT).invoke(
        FunctionName=settings.function_name,
        InvocationType="Event",
        Payload=json.dumps({"jobId": job_id}).encode(),
    )
