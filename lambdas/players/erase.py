"""Goes on with the erasures of persons that were cut short. Runs by schedule.

An operator's event {"userId": …} begins one.
"""

import time
from functools import partial
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.players.erasable import Persons
from lambdas.players.erasing import PersonEraser, begin_erasing, erasure_json
from lambdas.players.errors import UnknownUser
from lambdas.players.settings import ErasePersonSettings
from lambdas.players.table import Account, PlayerTable
from lambdas.shared.aws import PATIENT
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import Job, LeaseLostError

_RESERVE_MS: Final = 10_000
_GRACE_SECONDS: Final = 60

settings = ErasePersonSettings.from_environment()
logger = Logger(service="players-erase")
client = boto3.client("dynamodb", config=PATIENT)
table = PlayerTable(client, settings.player_table)
jobs = JobTable(client, settings.player_table)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    left_ms = context.get_remaining_time_in_millis
    eraser = PersonEraser(
        Persons(client, settings.player_table),
        jobs,
        worker=context.aws_request_id,
        clock_ms=lambda: time.time_ns() // 1_000_000,
        time_left=lambda: bool(left_ms() > _RESERVE_MS),
    )
    if "userId" in event:
        account_of = partial(_account, event["userId"])
        begun = begin_erasing(table, jobs, account_of, time.time_ns() // 1_000_000)
        return erasure_json(_work_on(eraser, begun.id, left_ms()) or begun)
    for job_id in jobs.unfinished():
        if left_ms() <= _RESERVE_MS:
            break
        _work_on(eraser, job_id, left_ms())
    return None


def _account(user_id: str) -> Account:
    account = table.account(user_id)
    if account is None:
        raise UnknownUser
    return account


def _work_on(eraser: PersonEraser, job_id: str, left_ms: int) -> Job | None:
    try:
        job = eraser.work_on(job_id, lease_s=left_ms // 1000 + _GRACE_SECONDS)
    except LeaseLostError:
        logger.info("done, or another works on it", job=job_id)
        return None
    logger.info("erased", job=job.id, done=job.ended_at is not None, removed=dict(job.removed))
    return job
