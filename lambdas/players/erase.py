"""Goes on with the erasures of persons that were cut short. Runs by schedule."""

import time
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.players.erasable import Persons
from lambdas.players.erasing import PersonEraser
from lambdas.players.settings import ErasePersonSettings
from lambdas.shared.aws import PATIENT
from lambdas.shared.records.job_table import JobTable
from lambdas.shared.records.jobs import LeaseLostError

_RESERVE_MS: Final = 10_000
_GRACE_SECONDS: Final = 60

settings = ErasePersonSettings.from_environment()
logger = Logger(service="players-erase")
client = boto3.client("dynamodb", config=PATIENT)
jobs = JobTable(client, settings.player_table)


def handler(_event: dict[str, Any], context: Any) -> None:
    left_ms = context.get_remaining_time_in_millis
    eraser = PersonEraser(
        Persons(client, settings.player_table),
        jobs,
        worker=context.aws_request_id,
        clock_ms=lambda: time.time_ns() // 1_000_000,
        time_left=lambda: bool(left_ms() > _RESERVE_MS),
    )
    for job_id in jobs.unfinished():
        if left_ms() <= _RESERVE_MS:
            return
        try:
            job = eraser.work_on(job_id, lease_s=left_ms() // 1000 + _GRACE_SECONDS)
        except LeaseLostError:
            logger.info("done, or another works on it", job=job_id)
            continue
        logger.info("erased", job=job.id, done=job.ended_at is not None, removed=dict(job.removed))
